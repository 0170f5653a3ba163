import { existsSync } from 'node:fs';
import { isRunning, usageOf } from '@tributary/embedded';
import { installationAt, VERSION, type Installation } from './installation.ts';
import { isUp, readState, type ServiceRow, type State } from './state.ts';
import { dataOption } from './up.ts';
import type { Verb } from './verb.ts';

interface ServiceStatus {
  readonly name: string;
  readonly pid: number | null;
  readonly state: string;
  readonly opsUrl: string | null;
  readonly rssBytes: number | null;
  readonly cpuPercent: number | null;
  readonly restarts: number;
  readonly lagMs: number | null;
}

const PROBE_MS = 1_000;

/** The stage's own figure; null where a service has none. */
async function lagOf(opsUrl: string | null): Promise<number | null> {
  if (opsUrl === null) return null;
  const text = await fetch(`${opsUrl}/metrics`, { signal: AbortSignal.timeout(PROBE_MS) })
    .then((answer) => answer.text())
    .catch(() => '');
  const seconds = [...text.matchAll(/^tributary_stage_lag_seconds(?:\{[^}]*\})? (\S+)/gm)].map(([, value]) =>
    Number(value),
  );
  return seconds.length === 0 ? null : Math.round(Math.max(...seconds) * 1000);
}

async function statusOf(
  { name, process, state, opsUrl, restarts, sample }: ServiceRow,
  isSupervised: boolean,
): Promise<ServiceStatus> {
  const usage = process && isRunning(process) ? usageOf(process.pid) : null;
  if (!process || !usage) {
    return {
      name,
      pid: null,
      state: isSupervised ? state : 'stopped',
      opsUrl,
      rssBytes: null,
      cpuPercent: null,
      restarts,
      lagMs: null,
    };
  }
  const cpuPercent = sample ? (100 * (usage.cpuMs - sample.cpuMs)) / (Date.now() - sample.at) : null;
  return {
    name,
    pid: process.pid,
    // Its launcher was killed: it runs, but nobody would bring it back.
    state: isSupervised ? state : 'orphaned',
    opsUrl,
    rssBytes: usage.rssBytes,
    cpuPercent: cpuPercent === null ? null : Math.round(cpuPercent * 10) / 10,
    restarts,
    lagMs: await lagOf(opsUrl),
  };
}

async function report({ apiKeyFile }: Installation, state: State | null) {
  const isSupervised = isUp(state);
  const services = await Promise.all((state?.services ?? []).map((row) => statusOf(row, isSupervised)));
  return {
    ready: isSupervised && state.ready && services.every((service) => service.state === 'ready'),
    version: isSupervised ? state.version : VERSION,
    urls: isSupervised ? state.urls : {},
    services,
    databaseUrl: isSupervised ? state.databaseUrl : null,
    ...(existsSync(apiKeyFile) ? { apiKeyFile } : {}),
  };
}

const cell = (value: number | null, unit: string) => (value === null ? '-' : `${value}${unit}`);

function print({ ready, urls, services }: Awaited<ReturnType<typeof report>>): void {
  console.log(
    ready
      ? 'Tributary is ready'
      : services.some(({ pid }) => pid)
        ? 'Tributary is not ready'
        : 'Tributary is not running',
  );
  for (const [name, url] of Object.entries(urls)) console.log(`  ${name.padEnd(10)} ${url}`);
  if (services.length === 0) return;
  console.log(
    `\n  ${'service'.padEnd(20)} ${'state'.padEnd(9)} ${'pid'.padStart(8)} ${'rss'.padStart(8)} ${'cpu'.padStart(7)} ${'restarts'.padStart(8)} ${'lag'.padStart(8)}`,
  );
  for (const row of services) {
    const rss = cell(row.rssBytes === null ? null : Math.round(row.rssBytes / 1024 ** 2), ' MB');
    console.log(
      `  ${row.name.padEnd(20)} ${row.state.padEnd(9)} ${cell(row.pid, '').padStart(8)} ${rss.padStart(8)} ${cell(row.cpuPercent, ' %').padStart(7)} ${String(row.restarts).padStart(8)} ${cell(row.lagMs, ' ms').padStart(8)}`,
    );
  }
}

export const status: Verb = {
  summary: 'Shows what runs, where, and what it uses; exits 1 while not everything is ready',
  usage: '[--json] [--data DIR]',
  options: { ...dataOption, json: { type: 'boolean' } },
  async run(options) {
    const installation = installationAt(options.data as string | undefined);
    const answer = await report(installation, readState(installation));
    if (options.json === true) console.log(JSON.stringify(answer, null, 2));
    else print(answer);
    return answer.ready ? 0 : 1;
  },
};
