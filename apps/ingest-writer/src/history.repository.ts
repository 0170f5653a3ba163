import type { NormalizedRecord } from '@tributary/contracts';
import type { Sql } from '@tributary/postgres';
import { asTime, BODY_COLUMNS, BODY_VALUES, bodyArrays, bodyParameters } from './columns.ts';
import { firstOf, lastOf, type Run } from './history.ts';
import {
  contentTimeline,
  existenceTimeline,
  hasContent,
  timelineKey,
  type RunChange,
  type RunChanges,
  type Source,
  type Timeline,
} from './plan.ts';

type Timelines = ReadonlyMap<string, readonly Run<Source>[]>;

interface RunColumns {
  readonly record_id: string;
  readonly mapping_version: number;
  readonly source_version: string;
  readonly label: string;
  readonly stamps: readonly string[];
}

/**
 * Runs are disjoint and in order: those from the earliest new observation on, and the one that starts before it, are all that it can touch.
 */
export async function loadVersions(client: Sql, events: readonly NormalizedRecord[]): Promise<Timelines> {
  const wanted = earliest(events.filter(hasContent), contentTimeline, ({ readStamp }) => readStamp);
  if (wanted.length === 0) return new Map();
  const { rows } = await client.query<RunColumns>({
    name: 'load-versions',
    text: `select found.* from unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[]) as wanted (id, mapping, version, stamp)
      cross join lateral (
        select record_id, mapping_version, source_version, checksum as label, stamps, first_stamp from tributary.record_version
        where record_id = id and mapping_version = mapping and source_version = version and first_stamp >= stamp
        union all
        (select record_id, mapping_version, source_version, checksum, stamps, first_stamp from tributary.record_version
         where record_id = id and mapping_version = mapping and source_version = version and first_stamp < stamp
         order by first_stamp desc, checksum desc limit 1)
      ) as found
      order by first_stamp, label`,
    values: [
      wanted.map(({ recordId }) => recordId),
      wanted.map(({ mappingVersion }) => mappingVersion),
      wanted.map(({ sourceVersion }) => sourceVersion),
      wanted.map(({ stamp }) => stamp),
    ],
  });
  return grouped(rows);
}

export async function loadExistences(client: Sql, events: readonly NormalizedRecord[]): Promise<Timelines> {
  const reads = events.filter(({ existenceStamp }) => existenceStamp > 0);
  const wanted = earliest(reads, existenceTimeline, ({ existenceStamp }) => existenceStamp);
  if (wanted.length === 0) return new Map();
  const { rows } = await client.query<RunColumns>({
    name: 'load-existences',
    text: `select found.*, 0 as mapping_version, 0 as source_version
      from unnest($1::uuid[], $2::bigint[]) as wanted (id, stamp)
      cross join lateral (
        select record_id, operation as label, stamps, first_stamp from tributary.record_existence
        where record_id = id and first_stamp >= stamp
        union all
        (select record_id, operation, stamps, first_stamp from tributary.record_existence
         where record_id = id and first_stamp < stamp
         order by first_stamp desc, operation desc limit 1)
      ) as found
      order by first_stamp, label`,
    values: [wanted.map(({ recordId }) => recordId), wanted.map(({ stamp }) => stamp)],
  });
  return grouped(rows);
}

function earliest(
  events: readonly NormalizedRecord[],
  timelineOf: (event: NormalizedRecord) => Timeline,
  stampOf: (event: NormalizedRecord) => number,
): readonly (Timeline & { readonly stamp: number })[] {
  const wanted = new Map<string, Timeline & { readonly stamp: number }>();
  for (const event of events) {
    const timeline = timelineOf(event);
    const key = timelineKey(timeline);
    const stamp = Math.min(stampOf(event), wanted.get(key)?.stamp ?? Infinity);
    wanted.set(key, { ...timeline, stamp });
  }
  return [...wanted.values()];
}

function grouped(rows: readonly RunColumns[]): Timelines {
  const timelines = new Map<string, Run<Source>[]>();
  for (const row of rows) {
    const stamps = row.stamps.map(Number);
    const run = { label: row.label, stamps, source: { storedAt: stamps[0] ?? 0 } };
    const key = timelineKey({
      recordId: row.record_id,
      mappingVersion: row.mapping_version,
      sourceVersion: Number(row.source_version),
    });
    const runs = timelines.get(key);
    if (runs) runs.push(run);
    else timelines.set(key, [run]);
  }
  return timelines;
}

/** Copies come first: what they copy may move to another key below. */
export async function storeVersions(client: Sql, { copied, removed, added, changed }: RunChanges): Promise<void> {
  if (copied.length > 0) await copyVersions(client, copied);
  if (removed.length > 0) {
    await client.query({
      name: 'remove-versions',
      text: `delete from tributary.record_version using unnest(${KEY_PARAMETERS}) as old (${KEY})
             where (${qualified('record_version')}) = (${qualified('old')})`,
      values: keyArrays(removed),
    });
  }
  if (added.length > 0) await addVersions(client, added);
  if (changed.length > 0) {
    await client.query({
      name: 'change-versions',
      text: `update tributary.record_version set stamps = new.stamps::bigint[], last_stamp = new.last_stamp
             from unnest(${KEY_PARAMETERS}, $6::bigint[], $7::text[]) as new (${KEY}, last_stamp, stamps)
             where (${qualified('record_version')}) = (${qualified('new')})`,
      values: [...keyArrays(changed), ...stampArrays(changed)],
    });
  }
}

const KEY = 'record_id, mapping_version, source_version, first_stamp, checksum';
const KEY_PARAMETERS = '$1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::text[]';
const qualified = (table: string): string =>
  KEY.split(', ')
    .map((column) => `${table}.${column}`)
    .join(', ');

const keyArrays = (changes: readonly RunChange[]): unknown[] => [
  changes.map(({ timeline }) => timeline.recordId),
  changes.map(({ timeline }) => timeline.mappingVersion),
  changes.map(({ timeline }) => timeline.sourceVersion),
  changes.map(({ run }) => firstOf(run)),
  changes.map(({ run }) => run.label),
];

/** An array of arrays of different lengths is no array to Postgres: each travels as text. */
const stampArrays = (changes: readonly RunChange[]): unknown[] => [
  changes.map(({ run }) => lastOf(run)),
  changes.map(({ run }) => `{${run.stamps.join(',')}}`),
];

async function addVersions(client: Sql, added: RunChanges['added']): Promise<void> {
  await client.query({
    name: 'add-versions',
    text: `insert into tributary.record_version (${KEY}, last_stamp, stamps, organization_id, ${BODY_COLUMNS})
      select ${KEY}, last_stamp, stamps::bigint[], organization_id, ${BODY_VALUES}
      from unnest(${KEY_PARAMETERS}, $6::bigint[], $7::text[], $8::uuid[], ${bodyParameters(9)})
        as new (${KEY}, last_stamp, stamps, organization_id, ${BODY_COLUMNS})`,
    values: [
      ...keyArrays(added),
      ...stampArrays(added),
      added.map(({ timeline }) => timeline.organizationId),
      ...bodyArrays(added.map(({ event }) => event)),
    ],
  });
}

/** The second half of a split keeps the content of the first; it was observed when its own first read was sent. */
async function copyVersions(client: Sql, copied: RunChanges['copied']): Promise<void> {
  const kept = BODY_COLUMNS.replace(' observed_at,', '');
  await client.query({
    name: 'copy-versions',
    text: `insert into tributary.record_version (${KEY}, last_stamp, stamps, organization_id, observed_at, ${kept})
      select new.record_id, new.mapping_version, new.source_version, new.first_stamp, new.checksum, new.last_stamp,
        new.stamps::bigint[], organization_id, ${asTime('new.first_stamp')}, ${kept}
      from unnest(${KEY_PARAMETERS}, $6::bigint[], $7::text[], $8::bigint[]) as new (${KEY}, last_stamp, stamps, stored_at)
      join tributary.record_version as old on old.record_id = new.record_id and old.mapping_version = new.mapping_version
        and old.source_version = new.source_version and old.first_stamp = new.stored_at and old.checksum = new.checksum`,
    values: [...keyArrays(copied), ...stampArrays(copied), copied.map(({ storedAt }) => storedAt)],
  });
}

/** An existence run has no content: what was copied, added or changed is simply written. */
export async function storeExistences(client: Sql, { copied, removed, added, changed }: RunChanges): Promise<void> {
  if (removed.length > 0) {
    await client.query({
      name: 'remove-existences',
      text: `delete from tributary.record_existence using unnest($1::uuid[], $2::bigint[], $3::text[]) as old (id, stamp, operation)
             where record_id = id and first_stamp = stamp and record_existence.operation = old.operation`,
      values: existenceKeys(removed),
    });
  }
  const written = [...copied, ...added, ...changed];
  if (written.length === 0) return;
  await client.query({
    name: 'write-existences',
    text: `insert into tributary.record_existence (record_id, first_stamp, operation, last_stamp, stamps, organization_id)
           select id, first_stamp, operation, last_stamp, stamps::bigint[], organization_id
           from unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::uuid[])
             as new (id, first_stamp, operation, last_stamp, stamps, organization_id)
           on conflict (record_id, first_stamp, operation) do update
           set last_stamp = excluded.last_stamp, stamps = excluded.stamps`,
    values: [
      ...existenceKeys(written),
      ...stampArrays(written),
      written.map(({ timeline }) => timeline.organizationId),
    ],
  });
}

const existenceKeys = (changes: readonly RunChange[]): unknown[] => [
  changes.map(({ timeline }) => timeline.recordId),
  changes.map(({ run }) => firstOf(run)),
  changes.map(({ run }) => run.label),
];
