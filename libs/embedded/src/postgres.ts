import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '@tributary/contracts';
import type { PostgresHome } from './postgres-home.ts';
import { postgresAnswers } from './probes.ts';
import type { ProcessSpec } from './supervise.ts';

export interface PostgresOptions {
  readonly home: PostgresHome;
  readonly port: number;
  readonly passwords: { readonly superuser: string; readonly owner: string; readonly registry: string };
  readonly logFile: string;
}

export const OWNER = 'tributary_owner';
export const DATABASE = 'tributary';
export const REGISTRY = 'tributary_registry';

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Run before anybody can connect, so that no start is ever seen half made. One statement a line: single-user mode reads so. */
const firstStatements = ({ passwords }: PostgresOptions): string =>
  [
    // The owner makes the services' roles and owns the tables; it is not a superuser, so that row-level security binds it too.
    `CREATE ROLE ${OWNER} LOGIN CREATEROLE PASSWORD ${quoted(passwords.owner)}`,
    `CREATE DATABASE ${DATABASE} OWNER ${OWNER}`,
    `CREATE ROLE ${REGISTRY} LOGIN PASSWORD ${quoted(passwords.registry)}`,
    `CREATE DATABASE ${REGISTRY} OWNER ${REGISTRY}`,
    `REVOKE CONNECT ON DATABASE ${REGISTRY} FROM PUBLIC`,
  ]
    .map((statement) => `${statement};\n`)
    .join('');

function run(home: PostgresHome, program: string, args: readonly string[], input = ''): void {
  const answer = spawnSync(join(home.native, 'bin', program), [...args], {
    ...(home.account ?? {}),
    cwd: dirname(home.data),
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    input,
    encoding: 'utf8',
  });
  // Single-user mode answers 0 whatever its statements did; it names each fault in a line of its own.
  const fault =
    answer.error?.message ??
    (answer.status !== 0 || /\b(ERROR|FATAL):/.test(answer.stderr) ? answer.stderr.trim().slice(-500) : null);
  if (fault !== null)
    throw new Failure('unavailable', `Postgres could not be prepared in ${home.data} (${program}): ${fault}`);
}

const CLUSTER = [
  ...['-U', 'postgres', '-A', 'scram-sha-256'],
  ...['-E', 'UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=und'],
  '--no-instructions',
];

/** What a start that was killed has left; its `initdb` may still be writing, and ends when its folder is gone. */
function removeUnfinished(data: string): void {
  for (const name of readdirSync(dirname(data))) {
    if (!name.startsWith(`${basename(data)}.`)) continue;
    rmSync(join(dirname(data), name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** Makes the cluster, its roles and databases, once; a start that was cut off leaves nothing that counts. */
export function preparePostgres(options: PostgresOptions): void {
  const { home, passwords } = options;
  if (existsSync(home.data)) return;
  mkdirSync(dirname(home.data), { recursive: true });
  removeUnfinished(home.data);
  const work = `${home.data}.new-${process.pid}`;
  const passwordFile = `${home.data}.password-${process.pid}`;
  writeFileSync(passwordFile, passwords.superuser, { mode: 0o600 });
  if (home.account) chownSync(passwordFile, home.account.uid, home.account.gid);
  try {
    run(home, 'initdb', ['-D', work, `--pwfile=${passwordFile}`, ...CLUSTER]);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  run(home, 'postgres', ['--single', '-D', work, 'postgres'], firstStatements(options));
  renameSync(work, home.data);
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  // A row costs twice as much just after a checkpoint.
  max_wal_size: '2GB',
  log_checkpoints: 'off',
};

export function postgresProcess({ home, port, logFile }: PostgresOptions): ProcessSpec {
  return {
    name: 'postgres',
    file: join(home.native, 'bin', 'postgres'),
    args: [
      '-D',
      home.data,
      ...Object.entries({ ...SETTINGS, port: String(port) }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    cwd: home.data,
    ...(home.account ?? {}),
    logFile,
    // "Fast": does not wait for clients to leave.
    stopSignal: 'SIGINT',
    graceMs: 10_000,
    isReady: () => postgresAnswers(port),
  };
}

export const postgresUrl = (port: number, user: string, password: string, database = DATABASE): string =>
  `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
