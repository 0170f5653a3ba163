import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '@tributary/contracts';
import { needJava, type Java } from './java.ts';

/** What runs besides Node, fetched once and kept; several installations on a machine may share the folder. */
export interface Parts {
  readonly java: Java;
  readonly kafkaJars: string;
  readonly registryFolder: string;
}

export interface PartsOptions {
  /** Where they are kept. */
  readonly folder: string;
  /** The project's `deploy/embedded`: what to fetch, and the checksums it must have. */
  readonly recipe: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  say?(sentence: string): void;
}

type Checksums = Readonly<Record<string, string>>;

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

/** Every fetched file by its checksum; a file too many or too few is as wrong as a changed one. */
export function checksumsOf(folder: string): Checksums {
  const found: Record<string, string> = {};
  for (const group of ['kafka', 'registry']) {
    for (const name of readdirSync(join(folder, group)).sort()) {
      found[`${group}/${name}`] = sha256(readFileSync(join(folder, group, name)));
    }
  }
  return found;
}

export function differences(expected: Checksums, found: Checksums): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...names].filter((name) => expected[name] !== found[name]).sort();
}

/** Only the last lines of Maven's answer name the cause. */
function runMaven(recipe: string, target: string, env: PartsOptions['env']): void {
  const answer = spawnSync(
    'mvn',
    ['-B', '-q', '-ntp', '-Dstyle.color=never', '-f', join(recipe, 'pom.xml'), 'package', `-Dtarget=${target}`],
    {
      env: { ...env },
      encoding: 'utf8',
    },
  );
  if (answer.error) {
    throw new Failure(
      'misconfigured',
      'Maven is missing, and it fetches the broker and the schema registry: install it (`apt-get install maven`, `brew install maven`).',
    );
  }
  if (answer.status !== 0) {
    const cause =
      `${answer.stdout}${answer.stderr}`.split('\n').find((line) => line.includes('ERROR')) ?? 'no reason given';
    throw new Failure(
      'unavailable',
      `Maven could not fetch the broker and the schema registry: ${cause.slice(0, 400)}`,
    );
  }
}

function unpackRegistry(folder: string): void {
  const archive = join(folder, readdirSync(folder)[0]!);
  const { status, stderr } = spawnSync('tar', ['-xzf', archive, '-C', folder], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Failure('unavailable', `The registry's archive could not be unpacked: ${stderr.slice(0, 300)}`);
  }
  rmSync(archive);
}

function fetchParts({ recipe, env }: PartsOptions, into: string): void {
  runMaven(recipe, into, env);
  const expected = JSON.parse(readFileSync(join(recipe, 'checksums.json'), 'utf8')) as Checksums;
  const wrong = differences(expected, checksumsOf(into));
  if (wrong.length > 0) {
    throw new Failure(
      'misconfigured',
      `What Maven fetched is not what deploy/embedded/checksums.json names: ${wrong.slice(0, 5).join(', ')}. Empty the local Maven repository and start again.`,
    );
  }
  unpackRegistry(join(into, 'registry'));
  writeFileSync(join(into, 'complete'), '');
}

/** Whole or not at all. */
function fetchInto(home: string, options: PartsOptions): void {
  const work = `${home}.new-${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    fetchParts(options, work);
    rmSync(home, { recursive: true, force: true });
    renameSync(work, home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The folder's name holds the recipe, so that a changed recipe fetches anew. */
function homeOf({ folder, recipe }: Pick<PartsOptions, 'folder' | 'recipe'>): string {
  const text = readFileSync(join(recipe, 'pom.xml'), 'utf8') + readFileSync(join(recipe, 'checksums.json'), 'utf8');
  return resolve(folder, `parts-${sha256(text).slice(0, 12)}`);
}

const isComplete = (home: string) => existsSync(join(home, 'complete'));

/** True when a start needs no Maven any more. */
export const arePartsThere = (options: Pick<PartsOptions, 'folder' | 'recipe'>): boolean => isComplete(homeOf(options));

/** Finds or fetches everything. */
export function prepareParts(options: PartsOptions): Parts {
  const java = needJava(options.folder, options.env);
  const home = homeOf(options);
  if (!isComplete(home)) {
    options.say?.('Fetching the broker and the schema registry with Maven (once)');
    fetchInto(home, options);
  }
  return { java, kafkaJars: join(home, 'kafka'), registryFolder: join(home, 'registry') };
}
