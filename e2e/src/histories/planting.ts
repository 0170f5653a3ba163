import { isCaught, type Bug, type Note } from './bugs.ts';
import { runHistory, type History, type Size } from './history.ts';
import type { Rig } from './rig.ts';

export interface Planted {
  readonly bug: Bug;
  readonly history: History;
  readonly notes: readonly Note[];
  readonly isCaught: boolean;
}

/** What a bug's own size leaves open. */
const SIZE: Size = { organizations: 6, changes: 300, objects: 20, faults: 0, rate: 60 };

export const sizeOf = ({ size }: Bug): Size => ({ ...SIZE, ...size });

/** The bug's own history on services of which one is its variant. */
export async function plant(rig: Rig, bug: Bug, seed = bug.seed, again = false): Promise<Planted> {
  if (!again) {
  await rig.stopServices();
  await rig.startServices(bug.name);
  }
  const history = await runHistory(rig, seed, sizeOf(bug), bug.faults);
  const notes = rig.notes();
  return { bug, history, notes, isCaught: isCaught(bug, history.findings, notes) };
}
