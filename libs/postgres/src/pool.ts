import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { isUnavailable, translate } from './errors.ts';

/** Whoever can run SQL: the pool (each statement on any connection) or one client. */
export interface Sql {
  query<R extends QueryResultRow = QueryResultRow>(
    statement: string | QueryConfig,
    values?: readonly unknown[],
  ): Promise<QueryResult<R>>;
}

export interface Client extends Sql {
  /** Gives the connection back; `broken` closes it. */
  release(broken?: boolean): void;
}

export interface Pool extends Sql {
  connect(): Promise<Client>;
  end(): Promise<void>;
}

export interface PoolOptions {
  readonly max: number;
  readonly applicationName: string;
  /** A file with the certificate of the authority that signed the server's. */
  readonly caFile?: string;
  /** A statement without an answer for so long is given up, whether the server is slow or the link to it is dead. */
  readonly answerWithinMs?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Both sides must let go: a link can die without a word to either. The server ends what it would answer to nobody, and with it the locks
 * that the next try needs. The client waits a little longer, for a server that still answers says more than a silent link.
 */
const letGoAfter = (ms: number) => ({
  statement_timeout: ms,
  idle_in_transaction_session_timeout: ms,
  query_timeout: ms + 500,
});

/** Errors leave translated: `Failure('unavailable')` where the database is away, so that callers pause and bury nothing. */
export function createPool(databaseUrl: string, options: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    ...(options.caFile === undefined ? {} : { ssl: { ca: readFileSync(options.caFile, 'utf8') } }),
    ...(options.answerWithinMs === undefined ? {} : letGoAfter(options.answerWithinMs)),
  });
  // An idle connection that breaks has no caller to tell; the next caller gets a new one or learns it then.
  pool.on('error', () => undefined);
  return {
    query: (statement, values) => translated(run(pool, statement, values)),
    connect: async () => clientOf(await translated(pool.connect())),
    end: () => pool.end(),
  };
}

function clientOf(client: pg.PoolClient): Client {
  // A checked-out client that loses its connection says so twice: by the failing query and by this event.
  const ignore = () => undefined;
  client.on('error', ignore);
  return {
    query: (statement, values) => translated(run(client, statement, values)),
    release(broken) {
      client.off('error', ignore);
      client.release(broken);
    },
  };
}

function run<R extends QueryResultRow>(
  on: pg.Pool | pg.PoolClient,
  statement: string | QueryConfig,
  values?: readonly unknown[],
): Promise<QueryResult<R>> {
  return values === undefined ? on.query<R>(statement as string) : on.query<R>(statement as string, [...values]);
}

async function translated<T>(running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    throw translate(error);
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * One transaction that sees the given organizations and no others. The setting is local to the transaction,
 * so a pooled connection never carries it to the next caller.
 */
export async function inTransaction<T>(
  pool: Pool,
  tenants: readonly string[],
  work: (client: Sql) => Promise<T>,
): Promise<T> {
  const foreign = tenants.find((tenant) => !UUID.test(tenant));
  if (foreign !== undefined) throw new Error(`not an organization id: ${JSON.stringify(foreign)}`);
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query(`begin; select set_config('app.tenants', '{${tenants.join(',')}}', true)`);
    const result = await work(client);
    const { command } = await client.query('commit');
    // A statement failed and `work` went on: Postgres answers COMMIT with ROLLBACK, and nothing else says so.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back: a statement in it had failed');
    return result;
  } catch (error) {
    // What does not answer a statement does not answer a rollback either; closing the connection is one.
    broken = isUnavailable(error);
    if (!broken) await client.query('rollback').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}
