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

/** Few objects, changed again and again: so a change meets a read of the same object that is under way. */
const CROWDED: Partial<Size> = { organizations: 1, changes: 800, objects: 14, rate: 90, faults: 0 };
/** Each object is seen once or twice: what is lost is not mended by the next change. */
const SPARSE: Partial<Size> = { changes: 400, objects: 90, rate: 60 };
const USUAL: Partial<Size> = { changes: 300, objects: 20, rate: 60, faults: 0 };
/** Longer than a consumer's session: another one takes the partitions over. */
const PRESUMED_DEAD: readonly Fault[] = [{ kind: 'freeze', target: 'ingest-writer', forMs: 8_000 }];

export const BUGS: readonly Bug[] = [
  {
    name: 'ack-before-durable',
    laws: ['accepted is present'],
    seed: 201,
    size: USUAL,
    faults: [{ kind: 'kill', target: 'webhook-gateway' }],
  },
  { name: 'arrival-order', laws: ['order keys never go back'], seed: 202, size: CROWDED },
  { name: 'coalesced-into-started', laws: ['final state is the vendor’s'], seed: 203, size: CROWDED },
  {
    name: 'commit-before-write',
    laws: ['final state is the vendor’s'],
    seed: 204,
    size: SPARSE,
    faults: [
      { kind: 'kill', target: 'transformer' },
      { kind: 'kill', target: 'transformer' },
    ],
  },
  { name: 'crossed-organizations', laws: ['no row crosses organizations'], seed: 205, size: USUAL },
  {
    name: 'dedup-by-cache',
    laws: ['accepted is present', 'final state is the vendor’s'],
    seed: 206,
    size: USUAL,
  },
  {
    name: 'dropped-batch',
    laws: ['final state is the vendor’s', 'history is the sequence of versions', 'compacted topic equals Postgres'],
    seed: 207,
    size: USUAL,
    faults: PRESUMED_DEAD,
  },
  {
    name: 'no-fence',
    laws: ['order keys never go back', 'final state is the vendor’s'],
    seed: 208,
    size: { ...CROWDED, changes: 1_300, objects: 4, rate: 110 },
  },
  { name: 'no-repair', laws: ['compacted topic equals Postgres'], seed: 209, size: USUAL },
  { name: 'no-reread', laws: ['final state is the vendor’s'], seed: 210, size: USUAL },
  {
    name: 'partial-as-complete',
    laws: ['nothing invented', 'final state is the vendor’s'],
    seed: 211,
    size: USUAL,
  },
  {
    name: 'stale-overwrites',
    laws: ['order keys never go back', 'final state is the vendor’s'],
    seed: 212,
    size: USUAL,
  },
  { name: 'swallowed-mapping-error', laws: ['final state is the vendor’s'], seed: 213, size: USUAL },
  { name: 'zombie-writer', laws: ['positions never go back'], seed: 214, size: USUAL, faults: PRESUMED_DEAD },
];

/** True when one finding names a law of the bug and an object that it noted as harmed. */
export function isCaught(bug: Bug, findings: readonly Finding[], notes: readonly Note[]): boolean {
  return findings.some(
    ({ law, object, account }) =>
      bug.laws.includes(law) &&
      notes.some((note) => note.object === object && (note.account === undefined || note.account === account)),
  );
}
