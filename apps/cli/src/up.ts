import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@tributary/contracts';
import { claim, installationAt, type Installation } from './installation.ts';
import { launch, type Running } from './launcher.ts';
import { DEFAULT_PORT_BASE, portsFrom } from './ports.ts';
import { isUp, readState } from './state.ts';
import { numberOption, type Options, type Verb } from './verb.ts';

export const dataOption = { data: { type: 'string' } } as const;

const table = (urls: Readonly<Record<string, string>>): string =>
  Object.entries(urls)
    .map(([name, url]) => `  ${name.padEnd(10)} ${url}`)
    .join('\n');

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

function printReady(urls: Readonly<Record<string, string>>, since: number): void {
  console.log(`\nTributary is ready after ${seconds(since)}\n\n${table(urls)}\n`);
}

/** Resolves when a person, the system or our parent's death ends us. */
function untilTold(): AbortSignal {
  const told = new AbortController();
  const end = () => told.abort(new Failure('unavailable', 'Stopped before everything was ready.'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  return told.signal;
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function inForeground(installation: Installation, portBase: number, withDemo: boolean): Promise<number> {
  const since = Date.now();
  const told = untilTold();
  const running: Running = await launch(
    { installation, ports: portsFrom(portBase), withDemo, say: (sentence) => console.log(sentence) },
    told,
  );
  printReady(running.urls, since);
  console.log('Ctrl-C stops everything.');
  // Promises alone do not keep a process alive.
  const alive = setInterval(() => undefined, 60_000);
  await aborted(told);
  clearInterval(alive);
  console.log('Stopping');
  await running.stop();
  return 0;
}

const POLL_MS = 100;

async function detached(installation: Installation, args: readonly string[]): Promise<number> {
  const since = Date.now();
  claim(installation);
  const logFile = join(installation.logs, 'launcher.log');
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(process.execPath, [process.argv[1]!, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
    env: process.env,
  });
  closeSync(log);
  let code: number | null = null;
  child.once('exit', (status) => (code = status ?? 1));
  for (;;) {
    const state = readState(installation);
    if (state?.ready && state.launcher.pid === child.pid) {
      child.unref();
      printReady(state.urls, since);
      return 0;
    }
    if (code !== null) {
      console.error(readFileSync(logFile, 'utf8').trimEnd());
      return code;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export const up: Verb = {
  summary: 'Starts everything: Postgres, Kafka, schema registry, services and vendor simulator',
  usage: `[--detach] [--no-demo] [--data DIR] [--port-base N]

  --detach       come back when everything is ready; \`tributary down\` stops it
  --no-demo      without the demo organization
  --data DIR     where state, logs and data live (.tributary)
  --port-base N  the first of the ports (${DEFAULT_PORT_BASE})`,
  options: {
    ...dataOption,
    detach: { type: 'boolean' },
    'no-demo': { type: 'boolean' },
    'port-base': { type: 'string' },
  },
  async run(options: Options) {
    const installation = installationAt(options.data as string | undefined);
    const portBase = numberOption(options, 'port-base', { min: 1024, max: 65_400 }) ?? DEFAULT_PORT_BASE;
    const state = readState(installation);
    if (isUp(state) && options.detach === true && state.ready) {
      console.log(`Tributary is already running on ${installation.folder}\n\n${table(state.urls)}`);
      return 0;
    }
    if (options.detach !== true) return inForeground(installation, portBase, options['no-demo'] !== true);
    const args = ['up', '--data', installation.folder, '--port-base', String(portBase)];
    return detached(installation, options['no-demo'] === true ? [...args, '--no-demo'] : args);
  },
};
