import { isCaught, type Bug } from './bugs.ts';
import type { Finding } from './checker/evidence.ts';
import { attempted, isClean, runHistory, type Attempted, type History, type Size } from './history.ts';
import type { Rig } from './rig.ts';

/** What became of a planted bug. */
export interface Planted {
  readonly bug: Bug;
  /** Of the try that told. */
  readonly seed: number;
  readonly isCaught: boolean;
  readonly harmed: number;
  /** What was not through when the judge stopped waiting: what is only late is not caught. */
  readonly waiting: History['waiting'];
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

export interface Hunted extends Planted {
  /** The same history on the product as it is. */
  readonly without: Attempted;
  readonly isCleanWithout: boolean;
}

/** What a bug's own size leaves open. */
const SIZE: Size = { organizations: 6, changes: 300, objects: 20, faults: 0, rate: 60 };
const TRIES = 2;

/** Planted, and then the same history without it. */
export async function hunt(rig: Rig, bug: Bug): Promise<Hunted> {
  const planted = await plant(rig, bug);
  await rig.restartServices();
  const without = await attempt(rig, bug, planted.seed);
  return { ...planted, without, isCleanWithout: isClean(without) };
}

/** A bug that needs two things at once may have had no luck: the next seed is its second try. */
async function plant(rig: Rig, bug: Bug): Promise<Planted> {
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
  const { findings = [], waiting = {}, seconds = 0 } = history ?? {};
  const isQuiet = Object.keys(waiting).length === 0;
  const harmed = new Set(notes.map(({ object }) => object)).size;
  return { bug, seed, isCaught: isQuiet && isCaught(bug, findings, notes), harmed, waiting, findings, seconds };
}

/** The bug's own history on services as they run now. */
const attempt = (rig: Rig, { size, faults }: Bug, seed: number): Promise<Attempted> =>
  attempted(seed, () => runHistory(rig, seed, { ...SIZE, ...size }, faults));
