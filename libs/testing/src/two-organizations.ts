import { createPool, inTransaction, type Pool, type PoolOptions, type ServiceRole } from '@tributary/postgres';
import { useStack, type TestDatabase, type TestStack } from './stack.ts';

export interface TwoOrganizations {
  readonly ours: string;
  readonly theirs: string;
  readonly stack: TestStack;
  readonly database: TestDatabase;
  /** Pools that are closed after the suite. */
  open(url: string, options?: Partial<PoolOptions>): Pool;
  service(role: ServiceRole): Pool;
}

/** What a suite about who sees which rows needs: a database of its own in which two organizations exist. Called at the top of a suite. */
export async function twoOrganizations(): Promise<TwoOrganizations> {
  const [ours, theirs] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
  const stack = await useStack();
  const database = await stack.newDatabase();
  const pools: Pool[] = [];
  const open = (url: string, options: Partial<PoolOptions> = {}): Pool => {
    const pool = createPool(url, { max: 2, applicationName: 'spec', ...options });
    pools.push(pool);
    return pool;
  };
  const service = (role: ServiceRole): Pool => open(database.urlFor(role));

  beforeAll(async () => {
    const admin = service('tributary_admin');
    for (const id of [ours, theirs]) {
      await inTransaction(admin, [id], (client) =>
        client.query('insert into tributary.organization (id, name) values ($1, $2)', [id, 'spec']),
      );
    }
  });
  afterAll(async () => {
    for (const pool of pools) await pool.end();
  });
  return { ours, theirs, stack, database, open, service };
}
