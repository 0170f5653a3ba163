import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { arePartsThere, fetchedJava, findJava, OLDEST_JAVA, postgresData, postgresPrograms } from '@tributary/embedded';
import { installationAt, isOurs, PARTS_FOLDER, PROJECT, RECIPE, type Installation } from './installation.ts';
import { DEFAULT_PORT_BASE, needFreePorts, portsFrom } from './ports.ts';
import { isUp, readState, remains } from './state.ts';
import { dataOption } from './up.ts';
import { numberOption, type Verb } from './verb.ts';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

const answers = (file: string, ...args: string[]) => spawnSync(file, args, { stdio: 'ignore' }).status === 0;

function java(): Finding {
  const what = 'Java';
  const found = findJava(process.env) ?? fetchedJava(PARTS_FOLDER);
  if (found) return { what, ok: true, detail: `${found.version} at ${found.file}` };
  if (answers('pip', '--version') || answers('pip3', '--version') || answers('python3', '-m', 'pip', '--version'))
    return { what, ok: true, detail: 'none on this machine; pip fetches one at the first start' };
  const detail = `none of ${OLDEST_JAVA} or newer, and no pip to fetch one: apt-get install openjdk-${OLDEST_JAVA}-jre-headless, brew install openjdk`;
  return { what, ok: false, detail };
}

function maven(): Finding {
  const what = 'Maven';
  if (arePartsThere({ folder: PARTS_FOLDER, recipe: RECIPE }))
    return { what, ok: true, detail: 'not needed any more: broker and schema registry are here' };
  if (answers('mvn', '--version'))
    return { what, ok: true, detail: 'found; it fetches the broker and the schema registry at the first start' };
  const detail = 'missing; it fetches the broker and the schema registry: apt-get install maven, brew install maven';
  return { what, ok: false, detail };
}

function postgres(): Finding {
  const folder = postgresPrograms();
  return folder === null
    ? { what: 'Postgres', ok: false, detail: 'no programs for this machine were installed: npm ci' }
    : { what: 'Postgres', ok: true, detail: folder };
}

const GIGABYTE = 1024 ** 3;

function disk({ folder }: Installation): Finding {
  const { bavail, bsize } = statfsSync(existsSync(folder) ? folder : PROJECT);
  const gigabytes = (bavail * bsize) / GIGABYTE;
  const left = `${gigabytes.toFixed(1)} GB left where the data lives`;
  if (gigabytes >= 1) return { what: 'Disk', ok: true, detail: left };
  return {
    what: 'Disk',
    ok: false,
    detail: `${left}, and 1 GB is needed: free some, or choose another with --data DIR`,
  };
}

/** Files come and go while we look. */
function sizeOf(path: string): number {
  try {
    const stat = lstatSync(path);
    if (!stat.isDirectory()) return stat.blocks * 512;
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  } catch {
    return 0;
  }
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MB`;

function dataFolder(installation: Installation): Finding {
  const { folder, logs } = installation;
  const what = 'Data folder';
  if (!existsSync(folder)) return { what, ok: true, detail: `${folder} will be made` };
  if (readdirSync(folder).length > 0 && !isOurs(installation))
    return { what, ok: false, detail: `${folder} holds files that are not ours: choose another with --data DIR` };
  const sizes = { kafka: join(folder, 'kafka'), postgres: postgresData(folder), logs };
  const list = Object.entries(sizes).map(([name, path]) => `${name} ${megabytes(sizeOf(path))}`);
  return { what, ok: true, detail: `${folder} (${list.join(', ')})` };
}

async function processes(installation: Installation, base: number): Promise<Finding> {
  const state = readState(installation);
  if (isUp(state)) return { what: 'Processes', ok: true, detail: `running, ${remains(state).length} processes` };
  if (state && remains(state).length > 0) {
    return {
      what: 'Processes',
      ok: false,
      detail: `${remains(state).length} left by a launcher that was killed: tributary down stops them`,
    };
  }
  const fault = await needFreePorts(portsFrom(base)).then(
    () => null,
    (error: Error) => error.message,
  );
  return fault === null
    ? { what: 'Ports', ok: true, detail: `free from ${base} on` }
    : { what: 'Ports', ok: false, detail: fault };
}

export const doctor: Verb = {
  summary: 'Looks for what a start would miss, and says how to mend it',
  usage: '[--json] [--data DIR] [--port-base N]',
  options: { ...dataOption, json: { type: 'boolean' }, 'port-base': { type: 'string' } },
  async run(options) {
    const installation = installationAt(options.data as string | undefined);
    const base = numberOption(options, 'port-base', { min: 1024, max: 65_400 }) ?? DEFAULT_PORT_BASE;
    const items = [
      java(),
      maven(),
      postgres(),
      disk(installation),
      dataFolder(installation),
      await processes(installation, base),
    ];
    if (options.json === true) console.log(JSON.stringify({ items, nextCursor: null }, null, 2));
    else for (const { what, ok, detail } of items) console.log(`${ok ? 'ok  ' : 'FAIL'}  ${what.padEnd(12)} ${detail}`);
    return items.every(({ ok }) => ok) ? 0 : 1;
  },
};
