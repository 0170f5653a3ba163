import { readFileSync } from 'node:fs';
import { strangeNames } from './known-names.ts';
import type { ConfigOf, ConfigSpec, Setting } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every fault in one message, so that one start finds them all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly string[]) {
    super(`The configuration cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

type ReadFile = (path: string) => string;

const readText: ReadFile = (path) => readFileSync(path, 'utf8');

export function parseConfig<Spec extends ConfigSpec>(
  spec: Spec,
  env: Environment,
  readFile: ReadFile = readText,
): ConfigOf<Spec> {
  const settings = Object.entries(spec);
  const present = Object.keys(env).filter((name) => env[name] !== undefined);
  const faults = strangeNames(
    present,
    settings.map(([, { env: name }]) => name),
  );
  const values = settings.map(([name, setting]) => [name, readSetting(setting, env, readFile, faults)]);
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.fromEntries(values) as ConfigOf<Spec>;
}

function readSetting(setting: Setting<unknown>, env: Environment, readFile: ReadFile, faults: string[]): unknown {
  try {
    const given = givenText(setting.env, env, readFile);
    if (given !== undefined) return setting.read(given);
    if (!setting.hasDefault) faults.push(`${setting.env} is missing`);
    return setting.fallback;
  } catch (error) {
    // The value itself is left out: it may be a secret.
    faults.push(`${setting.env} ${(error as Error).message}`);
    return undefined;
  }
}

/** An empty value counts as not set: compose files and charts write those. */
function givenText(name: string, env: Environment, readFile: ReadFile): string | undefined {
  const direct = env[name];
  const path = env[`${name}_FILE`];
  if (direct && path) throw new Error(`and ${name}_FILE are both set: keep one`);
  if (!path) return direct === '' ? undefined : direct;
  try {
    return readFile(path).replace(/\r?\n$/, '');
  } catch (error) {
    throw new Error(`cannot be read from ${path} (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`, {
      cause: error,
    });
  }
}

/** `NAME=value` a line, secrets masked, names sorted: fit for a diff. */
export function printConfig(spec: ConfigSpec, config: Readonly<Record<string, unknown>>): string {
  return Object.entries(spec)
    .map(([name, { env, isSecret }]) => {
      const value = config[name];
      const shown = value === undefined || value === null ? '' : isSecret ? '***' : String(value);
      return `${env}=${shown}`;
    })
    .sort()
    .join('\n');
}
