import type { Finding, Law } from './checker/evidence.ts';
import type { Size } from './history.ts';
import type { Fault } from './nemesis.ts';

/** What a twin wrote down: an object that it harmed, in the checker's words. */
export interface Note {
  readonly object: string;
  readonly account?: string;
}

/** A faulty variant of one service, in `e2e/planted/<name>.mjs`, and the history that shows it. */
export interface Bug {
  readonly name: string;
  /** Those that it breaks: a finding under another one does not count. */
  readonly laws: readonly Law[];
  readonly seed: number;
  readonly size: Partial<Size>;
  /** In place of those planned from the seed, where the bug needs a certain one. */
  readonly faults?: readonly Fault[];
}

export const BUGS: readonly Bug[] = [];

/** True when one finding names a law of the bug and an object that it noted as harmed. */
export function isCaught(bug: Bug, findings: readonly Finding[], notes: readonly Note[]): boolean {
  return findings.some(
    ({ law, object, account }) =>
      bug.laws.includes(law) &&
      notes.some((note) => note.object === object && (note.account === undefined || note.account === account)),
  );
}
