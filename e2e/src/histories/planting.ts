import { isCaught, type Bug } from './bugs.ts';
import type { Finding } from './checker/evidence.ts';
import { attempted, isClean, runHistory, type Attempted, type Size } from './history.ts';
import type { Rig } from './rig.ts';

/** What became of a planted bug. */
export interface Planted {
  readonly bug: Bug;
  /** Of the try that told. */
  readonly seed: number;
  readonly isCaught: boolean;
  readonly harmed: number;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

export interface Hunted extends Planted {
  /** Whether the same history is clean on the product as it is. */
  readonly isCleanWithout: boolean;
}

/** What a bug's own size leaves open. */
const SIZE: Size = { organizations: 6, changes: 300, objects: 20, faults: 0, rate: 60 };
const TRIES = 2;

/** Planted, and then the same history without it. */
export async function hunt(rig: Rig, bug: Bug): Promise<Hunted> {
  const planted = await plant(rig, bug);
  await rig.restartServices();
  return { ...planted, isCleanWithout: isClean(await attempt(rig, bug, planted.seed)) };
}

/** A bug that needs two things at once may have had no luck: the next seed is its second try. */
export async function plant(rig: Rig, bug: Bug): Promise<Planted> {
  for (let seed = bug.seed; ; seed += 1) {
    const planted = await plantOnce(rig, bug, seed);
    if (planted.isCaught || seed - bug.seed + 1 === TRIES) return planted;
  }
}

/** The bug's own history on services of which one is its variant. */
async function plantOnce(rig: Rig, bug: Bug, seed: number): Promise<Planted> {
  await rig.restartServices(bug.name);
  const { history } = await attempt(rig, bug, seed);
  const notes = rig.plantedNotes();
  const { findings = [], seconds = 0 } = history ?? {};
  const harmed = new Set(notes.map(({ object }) => object)).size;
  return { bug, seed, isCaught: isCaught(bug, findings, notes), harmed, findings, seconds };
}

/** The bug's own history on services as they run now. */
export const attempt = (rig: Rig, { size, faults }: Bug, seed: number): Promise<Attempted> =>
  attempted(seed, () => runHistory(rig, seed, { ...SIZE, ...size }, faults));
