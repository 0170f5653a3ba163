import { randomBytes } from 'node:crypto';
import { useStack } from '@tributary/testing';
import { createPool, inTransaction, migrate } from './index.ts';
import { MIGRATIONS } from './migrations/index.ts';

const ACME = '11111111-1111-4111-8111-111111111111';
const stack = await useStack();
const database = await stack.newDatabase();

/** Owned like any other, not migrated yet. */
async function emptyDatabase(): Promise<string> {
  const name = `empty_${randomBytes(5).toString('hex')}`;
  await onServer(`create database ${name} owner tributary_owner`);
  return Object.assign(new URL(database.ownerUrl), { pathname: `/${name}` }).href;
}

async function onServer(statement: string): Promise<void> {
  const server = createPool(stack.superuserUrl, { max: 1, applicationName: 'spec' });
  await server.query(statement).finally(() => server.end());
}

describe('migrations', () => {
  it('are run once when several start at the same time, in one database and in two', async () => {
    const [one, two] = [await emptyDatabase(), await emptyDatabase()];
    const runs = await Promise.all([one, one, one, two].map((url) => migrate(url)));
    expect(runs.filter((run) => run.from === 0)).toHaveLength(2);
    expect(runs.every((run) => run.to === runs[0]?.to)).toBe(true);
  });

  it('refuse a schema that is newer than the release, in one sentence that says what to do', async () => {
    const url = await emptyDatabase();
    const { to } = await migrate(url);
    await expect(migrate(url, [])).rejects.toMatchObject({
      kind: 'misconfigured',
      message: expect.stringMatching(new RegExp(`schema version ${to}, this release knows 0: start the newer release`)),
    });
  });

  it('leave nothing of a step that failed', async () => {
    const url = await emptyDatabase();
    const { to } = await migrate(url);
    const broken = { name: 'broken', sql: 'create table tributary.half (id int); select 1 / 0' };
    await expect(migrate(url, [...MIGRATIONS, broken])).rejects.toThrow(`migration ${to + 1} (broken) failed`);
    expect(await migrate(url)).toEqual({ from: to, to });
  });

  it('need no superuser: the owner makes roles and functions, and its own rows stay hidden from it', async () => {
    const owner = createPool(database.ownerUrl, { max: 1, applicationName: 'spec' });
    try {
      const { rows } = await owner.query('select rolsuper from pg_roles where rolname = current_user');
      expect(rows).toEqual([{ rolsuper: false }]);
      await inTransaction(owner, [ACME], async (client) => {
        await client.query('grant tributary_admin to current_user with inherit false, set true');
        await client.query('set local role tributary_admin');
        await client.query("insert into tributary.organization (id, name) values ($1, 'spec')", [ACME]);
      });
      expect((await owner.query('select from tributary.organization')).rowCount).toBe(0);
    } finally {
      await owner.end();
    }
  });
});
