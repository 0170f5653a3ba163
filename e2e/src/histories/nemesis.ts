import { setTimeout as wait } from 'node:timers/promises';
import { behind, type Stage } from '../backlog.ts';
import { freeze } from './freeze.ts';
import type { Dice } from './prng.ts';
import { LINKS, type LinkName } from './proxies.ts';
import { SERVICE_NAMES, type Rig } from './rig.ts';

export const FAULT_KINDS = ['kill', 'freeze', 'cut', 'half-open', 'delay'] as const;
type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** A process for what is killed or frozen, else a link. */
  readonly target: string;
  readonly forMs?: number;
}

export interface Struck extends Fault {
  /** What waited for the stage when it was let go, milliseconds before the fault. */
  readonly inFlight: number;
}

export const PROCESSES = [...SERVICE_NAMES, 'kafka', 'postgres', 'registry'] as const;
const WRITERS = ['ingest-writer', 'ingest-writer-2'];
/** Beyond the session of a consumer: the other writer takes over, and the thawed one has a batch in hand that is no longer its own. */
const ZOMBIE_MS = 7_500;
/** Shortest and longest, by kind. */
const LASTING_MS: Readonly<Record<Exclude<FaultKind, 'kill'>, readonly [number, number]>> = {
  freeze: [500, 2_500],
  cut: [500, 3_000],
  'half-open': [2_500, 8_000],
  delay: [1_000, 4_000],
};
/** What a slow link adds, each way. */
const SLOW_MS = 150;
const WITHIN_MS = 60_000;

/** From the seed alone: the kinds equally often, and each target once before any comes again. */
export function planFaults(random: Dice, count: number): Fault[] {
  const kinds = shuffled(
    Array.from({ length: count }, (_, index) => FAULT_KINDS[index % FAULT_KINDS.length]!),
    random,
  );
  const [nextProcess, nextLink] = [inTurn(PROCESSES, random), inTurn(LINKS, random)];
  return kinds.map((kind): Fault => {
    if (kind === 'kill') return { kind, target: nextProcess() };
    const target = kind === 'freeze' ? nextProcess() : nextLink();
    return { kind, target, forMs: lastingMs(kind, target, random) };
  });
}

function lastingMs(kind: keyof typeof LASTING_MS, target: string, random: Dice): number {
  const [least, most] = LASTING_MS[kind];
  const ms = least + random.below(most - least);
  return WRITERS.includes(target) && random.next() < 0.7 ? ZOMBIE_MS : ms;
}

function shuffled<T>(items: readonly T[], random: Dice): T[] {
  const ranked = items.map((item) => ({ item, rank: random.next() }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

function inTurn<T>(items: readonly T[], random: Dice): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = shuffled(items, random);
    return left.pop()!;
  };
}

/** Whose work shall be in flight: a stage itself, and for what serves stages one that needs it. */
function stageOf(target: string): Stage {
  switch (target) {
    case 'webhook-gateway':
    case 'vendor-simulator':
    case 'vendor-gateway':
      return 'webhook-gateway';
    case 'poller':
    case 'poller-vendor':
      return 'poller';
    case 'transformer':
      return 'transformer';
    default:
      return 'ingest-writer';
  }
}

/** Stops a stage until work piles up before it, lets it go, and strikes while it has the work in hand. */
export async function strike(rig: Rig, fault: Fault, random: Dice): Promise<Struck> {
  const stage = stageOf(fault.target);
  const thaws = (stage === 'ingest-writer' ? WRITERS : [stage]).map((name) => freeze(rig, name));
  const inFlight = await pileUp(rig, stage);
  for (const thaw of thaws) thaw();
  await wait(2 + random.below(15));
  await inflict(rig, fault);
  return { ...fault, inFlight };
}

async function inflict(rig: Rig, { kind, target, forMs = 1_000 }: Fault): Promise<void> {
  if (kind === 'kill') {
    const victim = rig.process(target);
    const before = victim.restarts;
    victim.kill('SIGKILL');
    return until(() => victim.restarts > before && victim.state === 'ready', `${target} to come back`);
  }
  const end = kind === 'freeze' ? freeze(rig, target) : spoil(rig, kind, target as LinkName);
  await wait(forMs);
  end();
}

function spoil(rig: Rig, kind: 'cut' | 'half-open' | 'delay', target: LinkName): () => void {
  const link = rig.link(target);
  if (kind === 'cut') link.cut();
  else if (kind === 'half-open') link.halfOpen();
  else link.delay(SLOW_MS);
  return () => link.heal();
}

const PILE = 5;
const PILE_WITHIN_MS = 5_000;

/** A pile where one grows within the time, else whatever there is. */
async function pileUp(rig: Rig, stage: Stage): Promise<number> {
  for (const begunAt = Date.now(); ; await wait(20)) {
    const waiting = await behind(rig, stage).catch(() => 0);
    const isLate = Date.now() > begunAt + PILE_WITHIN_MS;
    if (waiting >= PILE || (isLate && waiting > 0) || Date.now() > begunAt + WITHIN_MS) return waiting;
  }
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + WITHIN_MS; !isSo(); await wait(20)) {
    if (Date.now() > deadline) throw new Error(`waited too long for ${what}`);
  }
}
