import { compareOrderKeys, type NormalizedRecord } from '@tributary/contracts';
import { inTransaction, type Pool } from '@tributary/postgres';
import { ORGANIZATION, type Expected, type Told } from './order-proof.sets.ts';

/** The rule every reader follows. */
function readersState(values: readonly NormalizedRecord[]): string {
  let [content, existence] = [values[0]!, values[0]!];
  for (const value of values) {
    if (compareOrderKeys(value.orderKey, content.orderKey) > 0) content = value;
    if (value.existenceStamp >= existence.existenceStamp) existence = value;
  }
  return stateOf({
    ...content,
    operation: existence.operation,
    existenceStamp: existence.existenceStamp,
    text: content.content && 'subject' in content.content ? content.content.subject : null,
    deletedAt: existence.operation === 'deleted' ? existence.existenceStamp : null,
  });
}

interface State {
  readonly text: string | null;
  readonly mappingVersion: number;
  readonly sourceVersion: number;
  readonly readStamp: number;
  readonly operation: string;
  readonly existenceStamp: number;
  readonly deletedAt: number | null;
}
const stateOf = (state: State): string =>
  `${state.text} ${state.mappingVersion}.${state.sourceVersion} read ${state.readStamp}, ${state.operation} ${state.existenceStamp}, ` +
  (state.deletedAt === null ? 'not deleted' : `deleted at ${state.deletedAt}`);

async function written(pool: Pool, ids: readonly string[], text: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await inTransaction(pool, [ORGANIZATION], (client) =>
    client.query<{ id: string; text: string }>(text, [ids]),
  );
  return new Map(rows.map((row) => [row.id, row.text]));
}

const VERSIONS = `select record_id as id, string_agg(mapping_version || '.' || source_version || ' ' || (content->>'subject') || ' ' ||
  first_stamp || '-' || last_stamp, ', ' order by mapping_version, source_version, first_stamp, checksum) as text
  from tributary.record_version where record_id = any ($1::uuid[]) group by record_id`;
const EXISTENCE = `select record_id as id, string_agg(operation || ' ' || first_stamp || '-' || last_stamp, ', ' order by first_stamp) as text
  from tributary.record_existence where record_id = any ($1::uuid[]) group by record_id`;
const ROWS = `select id, (content->>'subject') || ' ' || mapping_version || '.' || source_version || ' read ' || read_stamp || ', ' || operation || ' ' ||
  existence_stamp || ', ' || coalesce('deleted at ' || (extract(epoch from deleted_at) * 1000000)::bigint, 'not deleted') as text
  from tributary.record where id = any ($1::uuid[])`;

export interface Played {
  readonly id: string;
  readonly order: readonly Told[];
  /** All values of the record's key, as the topic holds them. */
  readonly values: readonly NormalizedRecord[];
}

/** One row, one history, and one state whether the topic was compacted to its last value or not. */
export async function expectOutcome(pool: Pool, played: readonly Played[], expected: Expected): Promise<void> {
  const ids = played.map(({ id }) => id);
  const rows = await written(pool, ids, ROWS);
  const versions = await written(pool, ids, VERSIONS);
  const existence = await written(pool, ids, EXISTENCE);
  const wanted = { ...expected, compacted: expected.row, uncompacted: expected.row };
  for (const { id, order, values } of played) {
    const found = {
      row: rows.get(id),
      versions: versions.get(id),
      existence: existence.get(id),
      compacted: readersState(values.slice(-1)),
      uncompacted: readersState(values),
    };
    // A hundred thousand comparisons: the matcher is asked only where it has something to show.
    if (JSON.stringify(found) !== JSON.stringify(wanted)) expect({ order, ...found }).toEqual({ order, ...wanted });
  }
}
