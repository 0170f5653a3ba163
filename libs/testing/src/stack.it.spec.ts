import { createPool } from '@tributary/postgres';
import { eventually, ownStack, useStack } from './index.ts';

const stack = await useStack();

async function inPostgres<T extends object>(url: string, statement: string): Promise<T[]> {
  const pool = createPool(url, { max: 1, applicationName: 'spec' });
  try {
    return (await pool.query(statement)).rows as T[];
  } finally {
    await pool.end();
  }
}

describe('the shared stack', () => {
  it('gives each caller a migrated database of its own', async () => {
    const [one, other] = await Promise.all([stack.newDatabase(), stack.newDatabase()]);
    expect(one.name).not.toBe(other.name);
    const [row] = await inPostgres<{ version: number }>(
      one.ownerUrl,
      'select max(version) as version from tributary.migration',
    );
    expect(row!.version).toBeGreaterThan(0);
  });

  it('lets every service role in, and none of them as superuser', async () => {
    const database = await stack.newDatabase();
    const [row] = await inPostgres(
      database.urlFor('tributary_writer'),
      "select current_user as name, current_setting('is_superuser') as super",
    );
    expect(row).toEqual({ name: 'tributary_writer', super: 'off' });
  });

  it('answers for the registry in the Confluent words', async () => {
    expect(Array.isArray(await (await fetch(`${stack.registryUrl}/subjects`)).json())).toBe(true);
  });
});

describe('a stack of its own', () => {
  it('brings back a Postgres that was killed, with what it had', async () => {
    const own = await ownStack();
    try {
      const { ownerUrl } = await own.newDatabase();
      const before = own.pidOf('postgres');
      await own.kill('postgres');
      const [row] = await eventually(() =>
        inPostgres<{ version: number }>(ownerUrl, 'select max(version) as version from tributary.migration'),
      );
      expect(row!.version).toBeGreaterThan(0);
      expect(own.pidOf('postgres')).not.toBe(before);
    } finally {
      await own.stop();
    }
  }, 60_000);
});
