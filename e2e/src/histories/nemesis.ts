import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { behind } from './backlog.ts';
import type { Dice } from './prng.ts';
import type { Rig } from './rig.ts';

export interface Fault {
  readonly kind: 'kill' | 'freeze';
  readonly target: string;
  /** How long a frozen one stands still; by chance where it is not said. */
  readonly forMs?: number;
}

export interface Struck extends Fault {
  /** What waited for the frozen stage in the moment of the fault. */
  readonly inFlight: number;
}

const TARGETS = [
  'webhook-gateway',
  'transformer',
  'poller',
  'ingest-writer',
  'vendor-simulator',
  'kafka',
  'postgres',
  'registry',
];
const WITHIN_MS = 60_000;

/** Which faults hit which process, from the seed alone: every target once, the rest by chance. */
export function planFaults(random: Dice, count: number): Fault[] {
  const shuffled = TARGETS.map((target) => ({ target, rank: random.next() })).sort((a, b) => a.rank - b.rank);
  return Array.from({ length: count }, (_, index) => ({
    kind: random.next() < 0.5 ? 'kill' : 'freeze',
    target: shuffled[index]?.target ?? random.pick(TARGETS),
  }));
}

/** Stops a stage, waits until work piles up before it, and only then strikes: so each fault hits work in flight. */
export async function strike(rig: Rig, fault: Fault, random: Dice): Promise<Struck> {
  const frozenMs = fault.forMs ?? 500 + random.below(2_000);
  const isStage = ['webhook-gateway', 'transformer', 'poller', 'ingest-writer'].includes(fault.target);
  const stage = isStage ? fault.target : 'ingest-writer';
  const release = freeze(rig, stage);
  const inFlight = await pileUp(rig, stage);
  if (fault.kind === 'kill') {
    const victim = rig.process(fault.target);
    const before = victim.restarts;
    victim.kill('SIGKILL');
    release();
    await until(() => victim.restarts > before && victim.state === 'ready', `${fault.target} to come back`);
  } else {
    const thaw = isStage ? () => undefined : freeze(rig, fault.target);
    await wait(frozenMs);
    thaw();
    release();
  }
  return { ...fault, inFlight };
}

async function pileUp(rig: Rig, stage: string): Promise<number> {
  for (const deadline = Date.now() + WITHIN_MS; Date.now() < deadline; await wait(50)) {
    const waiting = await behind(rig, stage).catch(() => 0);
    if (waiting > 0) return waiting;
  }
  return 0;
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + WITHIN_MS; !isSo(); await wait(20)) {
    if (Date.now() > deadline) throw new Error(`waited too long for ${what}`);
  }
}

/** The process and its children (Postgres serves each connection in one of its own); the answer thaws the same ones. */
function freeze(rig: Rig, name: string): () => void {
  const { identity } = rig.process(name);
  const pids = identity ? [identity.pid, ...childrenOf(identity.pid)] : [];
  const tell = (signal: NodeJS.Signals) => {
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // it ended meanwhile
      }
    }
  };
  tell('SIGSTOP');
  return () => tell('SIGCONT');
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => parentOf(pid) === parent)
    .map(Number);
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
