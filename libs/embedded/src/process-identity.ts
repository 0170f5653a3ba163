import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process id alone is reused by the system; with the time the process started it names one process only. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

const statFields = (pid: number): string[] | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name is in parentheses and may itself hold blanks and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
};

/** The moment the process started in the system's own words; null when there is no such process, or only its remains. */
export function startOf(pid: number): string | null {
  if (process.platform === 'linux') {
    const fields = statFields(pid);
    return !fields || fields[0] === 'Z' ? null : (fields[19] ?? null);
  }
  const answer = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return answer.stdout.trim() || null;
}

export function identify(pid: number): ProcessIdentity | null {
  const startedAt = startOf(pid);
  return startedAt === null ? null : { pid, startedAt };
}

export const isRunning = (identity: ProcessIdentity): boolean => startOf(identity.pid) === identity.startedAt;

/** Signals exactly the process that was recorded, never a stranger that got its number. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch {
    return false;
  }
}

export async function untilGone(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (isRunning(identity)) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

/** Asks first, then kills. True when nothing is left. */
export async function stopProcess(
  identity: ProcessIdentity,
  { ask = 'SIGTERM', graceMs = 10_000 }: { ask?: NodeJS.Signals; graceMs?: number } = {},
): Promise<boolean> {
  if (!signal(identity, ask)) return true;
  if (await untilGone(identity, graceMs)) return true;
  signal(identity, 'SIGKILL');
  return untilGone(identity, 5_000);
}

export interface Usage {
  readonly rssBytes: number;
  /** Processor time used since the process started, in milliseconds. */
  readonly cpuMs: number;
}

const CLOCK_TICKS = 100;
const PAGE_BYTES = 4096;

export function usageOf(pid: number): Usage | null {
  if (process.platform !== 'linux') {
    const rss = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
    return rss ? { rssBytes: Number(rss) * 1024, cpuMs: 0 } : null;
  }
  const fields = statFields(pid);
  if (!fields) return null;
  return {
    rssBytes: Number(fields[21]) * PAGE_BYTES,
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS,
  };
}
