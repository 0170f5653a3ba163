import type { Evidence, Finding, Normalized, Run } from './evidence.ts';
import { grouped } from './index-of.ts';

interface Observation {
  readonly timeline: string;
  readonly stamp: number;
  readonly label: string;
}

interface Expected {
  readonly label: string;
  readonly first: number;
  readonly last: number;
}

const contentTimeline = (recordId: string, mappingVersion: number, sourceVersion: number) =>
  `${recordId} v${mappingVersion} ${sourceVersion}`;

/** Within a mapping version the observations in order-key order; a run of equal (source version, checksum) is one version. Existence by stamp. */
export function historyIsTheSequence({ normalized, contents, existences, rows }: Evidence): Finding[] {
  const seen = normalized.map(({ record }) => record);
  return [
    ...compare(seen.filter(({ orderKey }) => orderKey.length > 0).map(contentOf), contents, 'versions', rows),
    ...compare(seen.filter(({ existenceStamp }) => existenceStamp > 0).map(existenceOf), existences, 'existence', rows),
  ];
}

type Record = Normalized['record'];
const contentOf = ({ id, mappingVersion, sourceVersion, readStamp, checksum }: Record): Observation => ({
  timeline: contentTimeline(id, mappingVersion, sourceVersion),
  stamp: readStamp,
  label: checksum,
});
const existenceOf = ({ id, existenceStamp, operation }: Record): Observation => ({
  timeline: contentTimeline(id, 0, 0),
  stamp: existenceStamp,
  label: operation,
});

function compare(
  observations: readonly Observation[],
  stored: readonly Run[],
  what: string,
  rows: Evidence['rows'],
): Finding[] {
  const expected = grouped(observations, ({ timeline }) => timeline);
  const found = grouped(stored, (run) => contentTimeline(run.recordId, run.mappingVersion, run.sourceVersion));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((timeline): Finding[] => {
    const want = wordsOf(runsOf(expected.get(timeline) ?? []));
    const have = wordsOf(
      (found.get(timeline) ?? []).map(({ label, stamps }) => ({ label, first: stamps[0]!, last: stamps.at(-1)! })),
    );
    if (want === have) return [];
    const id = timeline.split(' ')[0]!;
    const row = byId.get(id);
    return [
      {
        law: 'history is the sequence of versions',
        object: row ? `${row.kind} ${row.externalId}` : id,
        account: row?.account ?? '',
        says: `${what} of ${timeline} should be ${want || 'none'}, are ${have || 'none'}`,
      },
    ];
  });
}

function runsOf(observations: readonly Observation[]): Expected[] {
  const inOrder = observations.toSorted(
    (a, b) => a.stamp - b.stamp || (a.label < b.label ? -1 : Number(a.label > b.label)),
  );
  const runs: { label: string; first: number; last: number }[] = [];
  for (const { label, stamp } of inOrder) {
    const current = runs.at(-1);
    if (current?.label === label) current.last = stamp;
    else runs.push({ label, first: stamp, last: stamp });
  }
  return runs;
}

const wordsOf = (runs: readonly Expected[]): string =>
  runs
    .toSorted((a, b) => a.first - b.first || (a.label < b.label ? -1 : Number(a.label > b.label)))
    .map(({ label, first, last }) => `${label.slice(0, 8)}@${first}..${last}`)
    .join(' ');
