import type { NormalizedRecord, Operation } from '@tributary/contracts';
import type { Sql } from '@tributary/postgres';
import { asMicros, asTime, BODY_COLUMNS, BODY_VALUES, bodyArrays, bodyParameters } from './columns.ts';
import { loadExistences, loadVersions, storeExistences, storeVersions } from './history.repository.ts';
import type { Body, Row } from './merge.ts';
import type { Loaded, Plan } from './plan.ts';

export async function loadState(client: Sql, events: readonly NormalizedRecord[]): Promise<Loaded> {
  const ids = [...new Set(events.map(({ id }) => id))];
  const rows = await loadRows(client, ids);
  const contents = await loadVersions(client, events);
  const existences = await loadExistences(client, events);
  return { rows, contents, existences };
}

/** Under the lock of the partition, and all batches write in the order of ids, so that no two wait for each other. */
export async function storePlan(client: Sql, plan: Plan): Promise<void> {
  const rows = [...plan.rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  const [moved, whole] = [rows.filter(({ body }) => body === null), rows.filter(hasBody)];
  if (whole.length > 0) await upsertRows(client, whole);
  if (moved.length > 0) await moveRegisters(client, moved);
  await storeVersions(client, plan.contents);
  await storeExistences(client, plan.existences);
}

type WholeRow = Row & { readonly body: Body };
const hasBody = (row: Row): row is WholeRow => row.body !== null;

interface RowColumns {
  readonly id: string;
  readonly organization_id: string;
  readonly connection_id: string;
  readonly vendor: string;
  readonly account: string;
  readonly kind: Row['kind'];
  readonly external_id: string;
  readonly operation: Operation;
  readonly existence_stamp: string;
  readonly order_key: Buffer;
  readonly source_version: string;
  readonly read_stamp: string;
  readonly mapping_version: number;
  readonly checksum: string;
  readonly recorded_at: string;
}

async function loadRows(client: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, Row>> {
  const { rows } = await client.query<RowColumns>({
    name: 'load-rows',
    text: `select id, organization_id, connection_id, vendor, account, kind, external_id, operation, existence_stamp,
             order_key, source_version, read_stamp, mapping_version, checksum, ${asMicros('recorded_at')} as recorded_at
           from tributary.record where id = any ($1::uuid[])`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, rowOfColumns(row)]));
}

const rowOfColumns = (row: RowColumns): Row => ({
  id: row.id,
  organizationId: row.organization_id,
  connectionId: row.connection_id,
  vendor: row.vendor,
  account: row.account,
  kind: row.kind,
  externalId: row.external_id,
  operation: row.operation,
  existenceStamp: Number(row.existence_stamp),
  orderKey: row.order_key,
  sourceVersion: Number(row.source_version),
  readStamp: Number(row.read_stamp),
  mappingVersion: row.mapping_version,
  checksum: row.checksum,
  recordedAt: Number(row.recorded_at),
  body: null,
});

interface BodyColumns {
  readonly id: string;
  readonly content: Body['content'];
  readonly custom_fields: string;
  readonly relations: Body['relations'];
  readonly visibility: Body['visibility'];
  readonly occurred_at: string | null;
  readonly observed_at: string;
  readonly run_id: string | null;
  readonly lineage_topic: string;
  readonly lineage_partition: number;
  readonly lineage_offset: string;
  readonly lineage_index: number;
}

/** Contents are read only where a repair must repeat them. */
export async function loadBodies(client: Sql, of: readonly Row[]): Promise<ReadonlyMap<string, Body>> {
  if (of.length === 0) return new Map();
  const { rows } = await client.query<BodyColumns>({
    name: 'load-bodies',
    text: `select id, content, custom_fields::text, relations, visibility, ${asMicros('occurred_at')} as occurred_at,
             ${asMicros('observed_at')} as observed_at, run_id, lineage_topic, lineage_partition, lineage_offset, lineage_index
           from tributary.record where id = any ($1::uuid[])`,
    values: [of.map(({ id }) => id)],
  });
  return new Map(rows.map((row) => [row.id, bodyOfColumns(row)]));
}

const bodyOfColumns = (row: BodyColumns): Body => ({
  content: row.content,
  customFields: row.custom_fields,
  relations: row.relations,
  visibility: row.visibility,
  occurredAt: row.occurred_at === null ? null : Number(row.occurred_at),
  observedAt: Number(row.observed_at),
  runId: row.run_id,
  lineage: {
    topic: row.lineage_topic,
    partition: row.lineage_partition,
    offset: Number(row.lineage_offset),
    index: row.lineage_index,
  },
});

const REGISTERS = `id, connection_id, operation, existence_stamp, order_key, source_version, read_stamp, mapping_version,
  checksum, recorded_at`;

const registerArrays = (rows: readonly Row[]): unknown[] => [
  rows.map(({ id }) => id),
  rows.map(({ connectionId }) => connectionId),
  rows.map(({ operation }) => operation),
  rows.map(({ existenceStamp }) => existenceStamp),
  rows.map(({ orderKey }) => orderKey.toString('hex')),
  rows.map(({ sourceVersion }) => sourceVersion),
  rows.map(({ readStamp }) => readStamp),
  rows.map(({ mappingVersion }) => mappingVersion),
  rows.map(({ checksum }) => checksum),
  rows.map(({ recordedAt }) => recordedAt),
];

const REGISTER_PARAMETERS = `$1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::int[],
  $9::text[], $10::bigint[]`;

/** All but the identity. */
const UPDATED = `${REGISTERS.replace('id, ', '')}, deleted_at, ${BODY_COLUMNS}`;

/** When a read found the object gone; its stamp is that time. */
const DELETED_AT = `case when operation = 'deleted' then ${asTime('existence_stamp')} end`;

async function upsertRows(client: Sql, rows: readonly WholeRow[]): Promise<void> {
  await client.query({
    name: 'upsert-rows',
    text: `insert into tributary.record (organization_id, vendor, account, kind, external_id, ${REGISTERS}, deleted_at, ${BODY_COLUMNS})
      select organization_id, vendor, account, kind, external_id, id, connection_id, operation, existence_stamp,
        decode(order_key, 'hex'), source_version, read_stamp, mapping_version, checksum, ${asTime('recorded_at')},
        ${DELETED_AT}, ${BODY_VALUES}
      from unnest(${REGISTER_PARAMETERS}, $11::uuid[], $12::text[], $13::text[], $14::text[], $15::text[], ${bodyParameters(16)})
        as new (${REGISTERS}, organization_id, vendor, account, kind, external_id, ${BODY_COLUMNS})
      on conflict (id) do update set (${UPDATED}) = row(${excluded(UPDATED)})`,
    values: [
      ...registerArrays(rows),
      rows.map(({ organizationId }) => organizationId),
      rows.map(({ vendor }) => vendor),
      rows.map(({ account }) => account),
      rows.map(({ kind }) => kind),
      rows.map(({ externalId }) => externalId),
      ...bodyArrays(rows.map(({ body }) => body)),
    ],
  });
}

/** The keys move, the content stays as it is: the commonest change, and the cheapest. */
async function moveRegisters(client: Sql, rows: readonly Row[]): Promise<void> {
  await client.query({
    name: 'move-registers',
    text: `update tributary.record set connection_id = new.connection_id, operation = new.operation,
        existence_stamp = new.existence_stamp, order_key = decode(new.order_key, 'hex'), source_version = new.source_version,
        read_stamp = new.read_stamp, mapping_version = new.mapping_version, checksum = new.checksum,
        recorded_at = ${asTime('new.recorded_at')},
        deleted_at = case when new.operation = 'deleted' then ${asTime('new.existence_stamp')} end
      from unnest(${REGISTER_PARAMETERS}) as new (${REGISTERS})
      where record.id = new.id`,
    values: registerArrays(rows),
  });
}

const excluded = (columns: string): string =>
  columns
    .split(',')
    .map((column) => `excluded.${column.trim()}`)
    .join(', ');
