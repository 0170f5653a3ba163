import { conversationBody, messageBody } from './bodies.ts';
import { toEvent } from './events.ts';
import { personAt } from './prose.ts';
import type { Body, FrontKind, World } from './world.ts';

/** One change as a script names it. Where the vendor announces a change, so does this; a message is never deleted with an event. */
export interface ScriptedChange {
  readonly kind: 'conversation' | 'message';
  readonly action: 'create' | 'edit' | 'delete' | 'recreate';
  /** The object; a new one gets its id here. A new message names its conversation instead. */
  readonly id?: string;
  readonly conversation?: string;
  readonly patch?: Body;
  /** A version may repeat (two changes in one second at a coarse vendor) or go back (an older state restored). */
  readonly version?: 'next' | 'same' | 'back';
}

export interface ScriptPorts {
  readonly world: World;
  now(): number;
  onEvent(): void;
}

const BACK_MS = 60_000;
const EVENTS = {
  create: 'conversation_moved',
  edit: 'assignee_changed',
  delete: 'conversation_deleted',
  recreate: 'conversation_restored',
} as const;

/** Makes one change, with its event, and returns the id of the object; null where the change makes no sense. */
export function follow(account: string, change: ScriptedChange, ports: ScriptPorts): string | null {
  const step = change.kind === 'conversation' ? followConversation : followMessage;
  const id = ports.world.together(() => step(account, change, ports));
  ports.onEvent();
  return id;
}

function followConversation(account: string, change: ScriptedChange, ports: ScriptPorts): string | null {
  const { world } = ports;
  const before = change.action === 'create' ? opened(account, ports) : lastBody(account, change.id, ports);
  const isGone = before !== null && world.latest(account, 'conversation', String(before['id'])) === null;
  if (!before || isGone !== (change.action === 'create' || change.action === 'recreate')) return null;
  const body: Body = { ...before, ...change.patch, updated_at: versionOf(before, change.version, ports.now()) / 1000 };
  const id = String(body['id']);
  put(account, 'conversation', id, change.action === 'delete' ? null : body, ports);
  announce(account, EVENTS[change.action], body, ports);
  return id;
}

function followMessage(account: string, change: ScriptedChange, ports: ScriptPorts): string | null {
  const { world } = ports;
  const before = change.id === undefined ? null : world.latest(account, 'message', change.id);
  const conversation = world.latest(account, 'conversation', change.conversation ?? '');
  if (!conversation || (change.action === 'edit') !== (before !== null)) return null;
  const moved: Body = { ...conversation, updated_at: versionOf(conversation, change.version, ports.now()) / 1000 };
  const message: Body = { ...(before ?? written(account, conversation, ports)), ...change.patch };
  const id = String(message['id']);
  put(account, 'message', id, message, ports);
  put(account, 'conversation', String(moved['id']), moved, ports);
  announce(account, before ? 'message_delivery_failed' : 'inbound_received', moved, ports, message);
  return id;
}

function opened(account: string, { world, now }: ScriptPorts): Body {
  const index = world.count(account, 'conversation');
  const customer = { ...personAt(index), contactId: null };
  return conversationBody(account, world.newId('cnv'), { index, atMs: now(), customer });
}

function written(account: string, conversation: Body, { world, now }: ScriptPorts): Body {
  const index = world.count(account, 'message');
  return messageBody(account, world.newId('msg'), {
    index,
    atMs: now(),
    conversation: String(conversation['id']),
    subject: conversation['subject'],
    customer: { ...personAt(index), contactId: null },
  });
}

/** The last state that was ever shown, whether or not the object is still there. */
function lastBody(account: string, id: string | undefined, { world }: ScriptPorts): Body | null {
  return id === undefined ? null : world.lastShown(account, 'conversation', id);
}

function versionOf(before: Body, version: ScriptedChange['version'], nowMs: number): number {
  const current = Math.round(Number(before['updated_at']) * 1000);
  if (version === 'same') return current;
  return version === 'back' ? current - BACK_MS : Math.max(nowMs, current + 1);
}

function put(account: string, kind: FrontKind, id: string, body: Body | null, { world, now }: ScriptPorts): void {
  world.record({ type: 'change', account, kind, id, version: { atMs: now(), body } });
}

function announce(account: string, type: string, conversation: Body, ports: ScriptPorts, message?: Body): void {
  const { world, now } = ports;
  const id = world.newId('evt');
  const event = toEvent({ id, account, type, atMs: now(), conversation, ...(message && { message }) });
  world.record({ type: 'event', account, event });
}
