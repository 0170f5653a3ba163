import type { Sql } from './pool.ts';
import { untilAvailable } from './until-available.ts';

/** A schema as the registry knows it: what the frame's id means. */
export interface SchemaRow {
  readonly subject: string;
  readonly id: number;
  readonly schema: string;
}

/** Every schema ever registered, so that services start, and read old values, without the registry. */
export async function readSchemas(sql: Sql): Promise<readonly SchemaRow[]> {
  const { rows } = await sql.query<{ subject: string; id: number; schema: string }>(
    'select subject, id, schema from tributary.schema_id order by subject, id',
  );
  return rows;
}

/** What a service cannot begin without: waits for Postgres, and says so. */
export function awaitSchemas(sql: Sql, log: Log): Promise<readonly SchemaRow[]> {
  return untilAvailable(
    () => readSchemas(sql),
    (error) => log('warn', 'waiting for Postgres to read schema ids', { reason: (error as Error).message }),
  );
}

type Log = (level: 'warn', message: string, fields: Readonly<Record<string, unknown>>) => void;

export async function storeSchemas(sql: Sql, rows: readonly SchemaRow[]): Promise<void> {
  await sql.query(
    `insert into tributary.schema_id (subject, id, schema)
     select * from unnest($1::text[], $2::int[], $3::text[])
     on conflict (subject, id) do update set schema = excluded.schema`,
    [rows.map((row) => row.subject), rows.map((row) => row.id), rows.map((row) => row.schema)],
  );
}

/** Which making of a topic, on which cluster, our positions belong to. */
export interface TopicRow {
  readonly name: string;
  readonly incarnation: string;
  readonly clusterId: string;
}

export async function readTopic(sql: Sql, name: string): Promise<TopicRow | undefined> {
  const { rows } = await sql.query<{ name: string; incarnation: string; clusterId: string }>(
    'select name, incarnation, cluster_id as "clusterId" from tributary.topic where name = $1',
    [name],
  );
  return rows[0];
}

/** Called when a topic was made: positions in an older incarnation no longer count. */
export async function storeTopic(sql: Sql, { name, incarnation, clusterId }: TopicRow): Promise<void> {
  await sql.query(
    `insert into tributary.topic (name, incarnation, cluster_id) values ($1, $2, $3)
     on conflict (name) do update
     set incarnation = excluded.incarnation, cluster_id = excluded.cluster_id, created_at = now()`,
    [name, incarnation, clusterId],
  );
}
