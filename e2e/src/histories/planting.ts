import { isCaught, type Bug, type Note } from './bugs.ts';
import { runHistory, type History, type Size } from './history.ts';
import type { Rig } from './rig.ts';

export interface Planted {
  readonly history: History;
  readonly notes: readonly Note[];
  readonly isCaught: boolean;
}

/** What a bug's own size leaves open. */
const SIZE: Size = { organizations: 6, changes: 300, objects: 20, faults: 0, rate: 60 };
const TRIES = 2;

/** The bug's own history on services of which one is its variant. */
export async function plant(rig: Rig, bug: Bug, seed = bug.seed): Promise<Planted> {
  await rig.stopServices();
  await rig.startServices(bug.name);
  const history = await runHistory(rig, seed, sizeOf(bug), bug.faults);
  const notes = rig.notes();
  return { history, notes, isCaught: isCaught(bug, history.findings, notes) };
}

/** The same history on the product as it is; it must be clean. */
export async function unplanted(rig: Rig, bug: Bug, seed = bug.seed): Promise<History> {
  await rig.stopServices();
  await rig.startServices();
  return runHistory(rig, seed, sizeOf(bug), bug.faults);
}

/** The seed that showed the bug, or null. One that needs two things at once may have had no luck: the next seed is its second try. */
export async function hunt(rig: Rig, bug: Bug, tell: (line: string) => void): Promise<number | null> {
  for (let seed = bug.seed; seed < bug.seed + TRIES; seed += 1) {
    const { history, notes, isCaught } = await plant(rig, bug, seed);
    const { findings, seconds } = history;
    const seen = `${findings.length} findings, ${notes.length} objects noted`;
    tell(`${bug.name} with seed ${seed}: ${isCaught ? 'caught' : 'missed'} in ${seconds} s (${seen})`);
    if (isCaught) return seed;
  }
  return null;
}

const sizeOf = ({ size }: Bug): Size => ({ ...SIZE, ...size });
