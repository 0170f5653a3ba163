import type { Evidence, Finding, Normalized, Place, Row, Tombstone } from './evidence.ts';
import { canonical } from './front-words.ts';
import { grouped, nameOf } from './index-of.ts';

const law = 'compacted topic equals Postgres';

/** The last value of a key on the topic, alone, says what the row is: that is all that compaction leaves. */
export function compactedTopicEqualsPostgres(evidence: Evidence): Finding[] {
  const left = lastOfEachKey(evidence.normalized);
  const spread = grouped(left, ({ record }) => record.id);
  return [
    ...evidence.tombstones.map(erasedUnasked),
    ...evidence.normalized.flatMap(keyFault),
    ...[...spread.values()].filter(({ length }) => length > 1).map(spreadFault),
    ...rowsThatDiffer(evidence.rows, left),
  ];
}

/** Compaction works within a partition, by key. */
function lastOfEachKey(normalized: readonly Normalized[]): Normalized[] {
  const byKey = grouped(normalized, ({ topic, partition, key }) => `${topic}:${partition} ${key}`);
  return [...byKey.values()].map((values) => values.reduce((a, b) => (a.offset < b.offset ? b : a)));
}

const placeOf = ({ topic, partition, offset }: Place): string => `${topic}:${partition}:${offset}`;

const erasedUnasked = ({ key, ...place }: Tombstone): Finding => ({
  law,
  object: key ?? placeOf(place),
  account: '',
  says: `erased at ${placeOf(place)}, though nobody asked for it`,
});

const findingOf = ({ record }: Normalized, says: string): Finding => ({
  law,
  object: nameOf(record),
  account: record.account,
  says,
});

const keyFault = (one: Normalized): Finding[] =>
  one.key === one.record.id ? [] : [findingOf(one, `${placeOf(one)} has the key ${one.key}, not ${one.record.id}`)];

const spreadFault = (values: readonly Normalized[]): Finding =>
  findingOf(values[0]!, `compaction leaves it ${values.length} times: ${values.map(placeOf).join(', ')}`);

function rowsThatDiffer(rows: readonly Row[], left: readonly Normalized[]): Finding[] {
  const byId = new Set(rows.map(({ id }) => id));
  const last = new Map(left.map((one) => [one.record.id, one]));
  const unwritten = left
    .filter(({ record }) => !byId.has(record.id))
    .map((one) => findingOf(one, `${placeOf(one)} has no row`));
  const differ = rows.flatMap((row): Finding[] => {
    const found = last.get(row.id);
    const fault = !found ? 'the row is on no topic' : registersDiffer(row, found);
    return fault ? [{ law, object: nameOf(row), account: row.account, says: fault }] : [];
  });
  return [...unwritten, ...differ];
}

function registersDiffer(row: Row, found: Normalized): string | null {
  const [here, there] = [registersOf(row), registersOf(found.record)];
  const place = placeOf(found);
  if (here !== there) return `the row has ${here}, its last value at ${place} has ${there}`;
  return canonical(row.content) === canonical(found.record.content)
    ? null
    : `the row's content is not that of ${place}`;
}

const registersOf = ({ orderKey, operation, existenceStamp }: Row | Normalized['record']): string =>
  `content ${orderKey.toString('hex') || 'none'}, existence ${operation}@${existenceStamp}`;
