import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createPool,
  ensureServiceLogins,
  migrate,
  SERVICE_ROLES,
  type Pool,
  type ServiceRole,
} from '@tributary/postgres';
import { STACK_VARIABLE, type StackAddress } from './address.ts';
import { startStackProcess } from './start-stack-process.mjs';

export interface TestDatabase {
  readonly name: string;
  readonly ownerUrl: string;
  urlFor(role: ServiceRole): string;
}

export interface TestStack {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** This suite's own: no other suite has topics under it. */
  readonly topicPrefix: string;
  /** The cluster's superuser, for what a suite must see past all policies. */
  readonly superuserUrl: string;
  /** A fresh, migrated database with the service logins. */
  newDatabase(): Promise<TestDatabase>;
}

export type PartName = 'postgres' | 'kafka' | 'registry';

export interface OwnStack extends TestStack {
  /** As a crash would; the part comes back by itself. Resolves when the process is gone. */
  kill(part: PartName): Promise<void>;
  pidOf(part: PartName): number | null;
  stop(): Promise<void>;
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as StackAddress;
const unique = () => randomBytes(5).toString('hex');
const onDatabase = (url: string, name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString();

const TEMPLATE = 'tributary_template';
/** Any number: whoever holds it makes the template or copies it, for Postgres copies only a database nobody is in. */
const TEMPLATE_LOCK = 7_100_002;

async function ensureTemplate(pool: Pool, address: StackAddress): Promise<void> {
  const { rows } = await pool.query('select 1 from pg_database where datname = $1', [TEMPLATE]);
  if (rows.length === 0) await pool.query(`create database ${TEMPLATE} owner tributary_owner`);
  const url = onDatabase(address.ownerUrl, TEMPLATE);
  const { from, to } = await migrate(url);
  if (from === to) return;
  const passwords = Object.fromEntries(SERVICE_ROLES.map((role) => [role, address.servicePassword]));
  await ensureServiceLogins(url, passwords as Record<ServiceRole, string>);
}

async function createDatabase(address: StackAddress): Promise<string> {
  const name = `test_${unique()}`;
  const pool = createPool(onDatabase(address.superuserUrl, 'postgres'), {
    max: 2,
    applicationName: 'tributary testing',
  });
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    await ensureTemplate(pool, address);
    await pool.query(`create database ${name} owner tributary_owner template ${TEMPLATE}`);
    return name;
  } finally {
    client.release(true);
    await pool.end();
  }
}

async function newDatabase(address: StackAddress): Promise<TestDatabase> {
  const name = await createDatabase(address);
  const ownerUrl = onDatabase(address.ownerUrl, name);
  return {
    name,
    ownerUrl,
    urlFor: (role) =>
      Object.assign(new URL(ownerUrl), { username: role, password: address.servicePassword }).toString(),
  };
}

const testStack = (address: StackAddress): TestStack => ({
  brokers: address.brokers,
  registryUrl: address.registryUrl,
  superuserUrl: address.superuserUrl,
  topicPrefix: `t${unique()}.`,
  newDatabase: () => newDatabase(address),
});

/** The real broker, registry and Postgres that all suites share; each has its own topics and databases on it. */
export async function useStack(): Promise<TestStack> {
  const file = process.env[STACK_VARIABLE];
  if (file === undefined) throw new Error(`${STACK_VARIABLE} is not set: run the suite as project \`integration\``);
  return testStack(read(file));
}

const untilGone = async (pid: number) => {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** For suites that kill: nobody else is hurt. The suite stops it. */
export async function ownStack(): Promise<OwnStack> {
  const { addressFile, stop } = await startStackProcess();
  const pidOf = (part: PartName) => read(addressFile).pids[part] ?? null;
  return {
    ...testStack(read(addressFile)),
    pidOf,
    stop,
    async kill(part) {
      const pid = pidOf(part);
      if (pid === null) return;
      process.kill(pid, 'SIGKILL');
      await untilGone(pid);
    },
  };
}
