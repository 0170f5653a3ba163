import { setTimeout as wait } from 'node:timers/promises';
import type { Organization } from './organizations.ts';
import type { Dice } from './prng.ts';
import type { Rig } from './rig.ts';

export interface Scale {
  readonly changes: number;
  /** Conversations and messages of one organization. */
  readonly objects: number;
  /** Changes a second, over all organizations. */
  readonly rate: number;
  /** Whether more is wanted than `changes`: a fault needs work in flight. */
  isEnough(): boolean;
}

interface Change {
  readonly kind: 'conversation' | 'message';
  readonly action: 'create' | 'edit' | 'delete' | 'recreate';
  readonly id?: string;
  readonly conversation?: string;
  readonly patch?: object;
  readonly version?: 'next' | 'same' | 'back';
}

interface Known {
  readonly kind: 'conversation' | 'message';
  readonly id: string;
  readonly conversation: string;
  isGone: boolean;
  touchedAt: number;
}

interface Desk {
  readonly organization: Organization;
  readonly objects: Known[];
  next: number;
  /** How long one conversation is left alone. */
  readonly restMs: number;
}

/** A connector tells a read that lags from a right one by times that may differ by its tolerance; what is changed again sooner needs a reconcile. */
const TOLERANCE_MS = 1_000;

/** What people do: first they open and write, then they change what is there. Says how many changes of each kind there were. */
export async function makeChanges(
  rig: Rig,
  organizations: readonly Organization[],
  random: Dice,
  { changes, objects, rate, isEnough }: Scale,
): Promise<Record<string, number>> {
  const desks = organizations.map((organization): Desk => ({
    organization,
    objects: [],
    next: 0,
    restMs: organization.settings.readLagMs && TOLERANCE_MS + 2 * organization.settings.readLagMs,
  }));
  const made: Record<string, number> = {};
  let total = 0;
  const begunAt = Date.now();
  for (let count = 0; total < changes || !isEnough(); count += 1) {
    const desk = desks[count % desks.length]!;
    const change = desk.objects.length < objects ? opening(desk, random) : changing(desk, random, count);
    const id = change && (await insisting(() => makeOne(rig, desk.organization.name, change)));
    if (change && id !== null) {
      remember(desk, change, id);
      total += 1;
      const name = `${change.kind} ${change.action}${change.version && change.version !== 'next' ? ` (${change.version} version)` : ''}`;
      made[name] = (made[name] ?? 0) + 1;
    }
    const aheadMs = begunAt + ((count + 1) * 1000) / rate - Date.now();
    if (aheadMs > 0) await wait(aheadMs);
  }
  return made;
}

async function makeOne(rig: Rig, account: string, change: Change): Promise<string | null> {
  const { ids } = await rig.control<{ ids: (string | null)[] }>('POST', `front/accounts/${account}/changes`, [change]);
  return ids[0] ?? null;
}

/** The simulator is among those that are killed; a change that it made before it died is in its ledger all the same. */
async function insisting<T>(ask: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 60_000; ; await wait(100)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

function opening({ objects, restMs }: Desk, random: Dice): Change {
  const conversations = objects.filter((one) => one.kind === 'conversation' && isRested(one, restMs));
  return conversations.length === 0 || random.next() < 0.6
    ? { kind: 'conversation', action: 'create', patch: patchOf(random, 'opened') }
    : { kind: 'message', action: 'create', conversation: random.pick(conversations).id };
}

const isRested = ({ touchedAt }: Known, restMs: number): boolean => Date.now() - touchedAt >= restMs;

/** One object after the other; null where none has rested long enough. */
function changing(desk: Desk, random: Dice, count: number): Change | null {
  const { objects, restMs } = desk;
  const turn = objects.map((_, index) => objects[(desk.next + index) % objects.length]!);
  const object = turn.find(({ conversation }) =>
    isRested(
      objects.find(({ id }) => id === conversation)!,
      restMs,
    ),
  );
  if (!object) return null;
  desk.next = objects.indexOf(object) + 1;
  const { kind, id, conversation } = object;
  if (kind === 'message') return { kind, action: 'edit', id, conversation, patch: { error_type: `bounced ${count}` } };
  if (object.isGone) return { kind, action: 'recreate', id, patch: patchOf(random, `restored ${count}`) };
  const chance = random.next();
  if (chance < 0.06) return { kind, action: 'delete', id };
  const version = chance < 0.14 ? 'same' : chance < 0.2 ? 'back' : 'next';
  return { kind, action: 'edit', id, version, patch: patchOf(random, `edit ${count}`) };
}

function patchOf(random: Dice, subject: string): object {
  const status = random.pick(['assigned', 'unassigned', 'archived']);
  const names = ['billing', 'فوترة', 'Rückgabe', 'urgent'].filter(() => random.next() < 0.4);
  const tags = names.map((name, index) => ({ id: `tag_${index + 1}`, name }));
  return { subject, status, tags, custom_fields: { priority: random.pick(['low', 'normal', 'high']) } };
}

function remember({ objects }: Desk, { kind, action, conversation }: Change, id: string): void {
  const touchedAt = Date.now();
  const known = objects.find((object) => object.id === id);
  if (known) known.isGone = action === 'delete';
  else objects.push({ kind, id, conversation: conversation ?? id, isGone: false, touchedAt });
  for (const object of objects) if (object.id === (conversation ?? id)) object.touchedAt = touchedAt;
}
