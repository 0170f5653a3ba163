import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '@tributary/contracts';
import { newStackSecrets, type StackSecrets } from '@tributary/embedded';
import { SERVICE_ROLES, type ServiceRole } from '@tributary/postgres';

/** The project: this file is two folders below an app's folder, built or not. */
export const PROJECT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const PARTS_FOLDER = join(PROJECT, 'node_modules', '.cache', 'tributary');
export const RECIPE = join(PROJECT, 'deploy', 'embedded');
export const VERSION = (JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string }).version;

/** The layout of the data folder; a folder of a higher number belongs to a newer release. */
const FORMAT = 1;
const NEEDED_BYTES = 1024 ** 3;

export interface Secrets extends StackSecrets {
  readonly serviceLogins: Readonly<Record<ServiceRole, string>>;
  readonly encryptionKey: string;
  readonly webhookKey: string;
  readonly demoReader: string;
  readonly simulatorToken: string;
}

export interface Installation {
  readonly folder: string;
  readonly logs: string;
  readonly stateFile: string;
  readonly lockFile: string;
  readonly apiKeyFile: string;
}

export function installationAt(data: string | undefined): Installation {
  const folder = resolve(process.env.INIT_CWD ?? process.cwd(), data ?? join(PROJECT, '.tributary'));
  return {
    folder,
    logs: join(folder, 'logs'),
    stateFile: join(folder, 'state.json'),
    lockFile: join(folder, 'launcher.lock'),
    apiKeyFile: join(folder, 'api-key'),
  };
}

const markOf = ({ folder }: Installation) => join(folder, 'tributary.json');

/** Written whole or not at all: a power cut leaves the old file or the new one. */
export function writeFile(file: string, content: unknown): void {
  const work = `${file}.new`;
  writeFileSync(work, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(work, file);
}

export function readFile<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}

export const isOurs = (installation: Installation): boolean => existsSync(markOf(installation));

/** Makes the folder ours, or says in one sentence why it cannot be. */
export function claim(installation: Installation): void {
  const { folder, logs } = installation;
  const isNew = !existsSync(folder) || readdirSync(folder).length === 0;
  if (!isNew && !isOurs(installation)) {
    throw new Failure(
      'misconfigured',
      `${folder} holds files that are not Tributary's: choose another folder with --data DIR.`,
    );
  }
  const mark = readFile<{ format: number }>(markOf(installation));
  if (mark && mark.format > FORMAT) {
    throw new Failure(
      'misconfigured',
      `${folder} was written by a newer Tributary: start that release, or choose another folder with --data DIR.`,
    );
  }
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < NEEDED_BYTES) {
    throw new Failure(
      'misconfigured',
      `The disk of ${folder} has ${Math.round((bavail * bsize) / 1024 ** 2)} MB left and 1024 MB are needed: free some, or choose another disk with --data DIR.`,
    );
  }
  if (isNew) writeFile(markOf(installation), { format: FORMAT });
}

const password = () => randomBytes(24).toString('base64url');
const keyRing = () => `k1:${randomBytes(32).toString('base64')}`;

function newSecrets(): Secrets {
  return {
    ...newStackSecrets(),
    serviceLogins: Object.fromEntries(SERVICE_ROLES.map((role) => [role, password()])) as Record<ServiceRole, string>,
    encryptionKey: keyRing(),
    webhookKey: keyRing(),
    demoReader: password(),
    simulatorToken: password(),
  };
}

/** Made once, and kept as long as the data that they open. A later release adds what an earlier one did not have. */
export function secretsOf({ folder }: Installation): Secrets {
  const file = join(folder, 'secrets.json');
  const kept = readFile<Partial<Secrets>>(file);
  const fresh = newSecrets();
  const secrets = { ...fresh, ...kept, serviceLogins: { ...fresh.serviceLogins, ...kept?.serviceLogins } };
  if (JSON.stringify(secrets) !== JSON.stringify(kept)) writeFile(file, secrets);
  return secrets;
}
