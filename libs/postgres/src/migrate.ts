import { Failure } from '@tributary/contracts';
import type pg from 'pg';
import { MIGRATIONS, type Migration } from './migrations/index.ts';
import { withOwner } from './owner.ts';

/** Any number of our own: whoever migrates this database holds it, the others wait. */
const LOCK = 7_100_001;

export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/** Brings the schema to this release. Each step is one transaction, so a broken-off run goes on where it stopped. */
export async function migrate(ownerUrl: string, migrations: readonly Migration[] = MIGRATIONS): Promise<Migrated> {
  return withOwner(ownerUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const from = await currentVersion(client);
    const known = migrations.length;
    if (from > known) {
      throw new Failure(
        'misconfigured',
        `The database has schema version ${from}, this release knows ${known}: start the newer release, or point DATABASE_URL at another database.`,
      );
    }
    for (const [index, migration] of migrations.entries()) {
      if (index >= from) await apply(client, index + 1, migration);
    }
    return { from, to: known };
  });
}

async function currentVersion(client: pg.Client): Promise<number> {
  await client.query(`
    create schema if not exists tributary;
    create table if not exists tributary.migration (
      version int primary key,
      name text not null,
      applied_at timestamptz not null default now()
    )`);
  const { rows } = await client.query<{ version: number }>(
    'select coalesce(max(version), 0) as version from tributary.migration',
  );
  return rows[0]?.version ?? 0;
}

async function apply(client: pg.Client, version: number, { name, sql }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into tributary.migration (version, name) values ($1, $2)', [version, name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${version} (${name}) failed`, { cause: error });
  }
}
