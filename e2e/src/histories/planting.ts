import { isCaught, type Bug } from './bugs.ts';
import type { Finding } from './checker/evidence.ts';
import { attempted, isClean, runHistory, type Attempted, type Size } from './history.ts';
import type { Rig } from './rig.ts';

/** What became of a planted bug. */
export interface Hunted {
  readonly bug: Bug;
  /** Of the try that told. */
  readonly seed: number;
  readonly isCaught: boolean;
  /** Whether the same history is clean on the product as it is. */
  readonly isCleanWithout: boolean;
  readonly harmed: number;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

/** What a bug's own size leaves open. */
const SIZE: Size = { organizations: 6, changes: 300, objects: 20, faults: 0, rate: 60 };
const TRIES = 2;

/** A bug that needs two things at once may have had no luck: the next seed is its second try. */
export async function hunt(rig: Rig, bug: Bug): Promise<Hunted> {
  for (let seed = bug.seed; ; seed += 1) {
    const hunted = await plant(rig, bug, seed);
    if (!hunted.isCaught && seed - bug.seed + 1 < TRIES) continue;
    const without = await unplanted(rig, bug, seed);
    return { ...hunted, isCleanWithout: isClean(without) };
  }
}

/** The bug's own history on services of which one is its variant. */
async function plant(rig: Rig, bug: Bug, seed: number): Promise<Omit<Hunted, 'isCleanWithout'>> {
  await rig.restartServices(bug.name);
  const { history } = await attempt(rig, bug, seed);
  const notes = rig.plantedNotes();
  const { findings = [], seconds = 0 } = history ?? {};
  const harmed = new Set(notes.map(({ object }) => object)).size;
  return { bug, seed, isCaught: isCaught(bug, findings, notes), harmed, findings, seconds };
}

async function unplanted(rig: Rig, bug: Bug, seed: number): Promise<Attempted> {
  await rig.restartServices();
  return attempt(rig, bug, seed);
}

const attempt = (rig: Rig, { size, faults }: Bug, seed: number): Promise<Attempted> =>
  attempted(seed, () => runHistory(rig, seed, { ...SIZE, ...size }, faults));
