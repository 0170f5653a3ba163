import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { everythingBehind } from '../backlog.ts';
import type { Finding } from './checker/evidence.ts';
import { judge } from './checker/judge.ts';
import { storyOf } from './checker/story.ts';
import { collect } from './collect.ts';
import { makeChanges } from './generator.ts';
import { planFaults, strike, type Fault, type Struck } from './nemesis.ts';
import { connectAll } from './organizations.ts';
import { dice, type Dice } from './prng.ts';
import type { Rig } from './rig.ts';

export interface Size {
  readonly organizations: number;
  readonly changes: number;
  /** In one organization. */
  readonly objects: number;
  readonly faults: number;
  readonly rate: number;
}

export interface History {
  readonly seed: number;
  readonly changes: Readonly<Record<string, number>>;
  readonly struck: readonly Struck[];
  readonly seen: {
    readonly deliveries: number;
    readonly raws: number;
    readonly normalized: number;
    readonly rows: number;
  };
  readonly findings: readonly Finding[];
  /** Of the first finding. */
  readonly story: readonly string[];
  /** What was not through when the judge stopped waiting. */
  readonly waiting: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}

/** A history that could not be run to its end is told like one that was. */
export interface Attempted {
  readonly seed: number;
  readonly history: History | null;
  readonly error: string | null;
}

export const attempted = (seed: number, run: () => Promise<History>): Promise<Attempted> =>
  run().then(
    (history) => ({ seed, history, error: null }),
    (error: unknown) => ({ seed, history: null, error: error instanceof Error ? error.message : String(error) }),
  );

/** All is through, and nothing is wrong. */
export const isClean = ({ history }: Attempted): boolean =>
  history !== null && history.findings.length === 0 && Object.keys(history.waiting).length === 0;

const QUIET_WITHIN_MS = 45_000;

/** Every second company's vendor shows a change only after a while; all of them repeat and reorder deliveries. */
const settingsOf = (index: number) => ({
  readLagMs: index % 2 === 0 ? 0 : 200,
  duplicatePercent: 5 * (index % 4),
  reorderMs: 40 * (index % 3),
  answerMs: [500, 0, 250][index % 3]!,
});

/** Without `faults`, those that the seed plans. */
export async function runHistory(rig: Rig, seed: number, size: Size, faults?: readonly Fault[]): Promise<History> {
  const begunAt = Date.now();
  const run = randomUUID().slice(0, 8);
  const wanted = Array.from({ length: size.organizations }, (_, index) => ({
    name: `h${seed}-${run}-${index + 1}`,
    settings: settingsOf(index),
  }));
  const organizations = await connectAll(rig, wanted);
  let isStruck = false;
  const random = dice(seed ^ 0x5eed);
  const striking = strikeAll(rig, faults ?? planFaults(random, size.faults), random).finally(() => (isStruck = true));
  const [changes, struck] = await toTheEnd(
    makeChanges(rig, organizations, dice(seed), { ...size, isEnough: () => isStruck }),
    striking,
  );
  const waiting = await untilQuiet(rig);
  const evidence = await collect(rig, organizations, begunAt);
  const findings = judge(evidence);
  const { accounts, raws, normalized, rows } = evidence;
  const deliveries = accounts.flatMap(({ ledger }) => ledger.filter(({ type }) => type === 'taken')).length;
  return {
    seed,
    changes,
    struck,
    seen: { deliveries, raws: raws.length, normalized: normalized.length, rows: rows.length },
    findings,
    story: findings[0] ? storyOf(evidence, findings[0]) : [],
    waiting,
    seconds: Math.round((Date.now() - begunAt) / 1000),
  };
}

/** Both, also where one fails: what still runs would spoil the next history. */
async function toTheEnd<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}

async function strikeAll(rig: Rig, faults: readonly Fault[], random: Dice): Promise<Struck[]> {
  const struck: Struck[] = [];
  for (const fault of faults) {
    await wait(200 + random.below(600));
    struck.push(await strike(rig, fault, random));
  }
  return struck;
}

/** Nothing waits anywhere, three looks in a row: a read that waits to be repeated is work too. Else what still waits. */
async function untilQuiet(rig: Rig): Promise<Readonly<Record<string, unknown>>> {
  let looks = 0;
  let waiting: Readonly<Record<string, unknown>> = {};
  for (const deadline = Date.now() + QUIET_WITHIN_MS; looks < 3 && Date.now() < deadline; await wait(300)) {
    waiting = await everythingBehind(rig).catch((error: unknown) => ({ unknown: String(error) }));
    looks = Object.keys(waiting).length === 0 ? looks + 1 : 0;
  }
  return waiting;
}
