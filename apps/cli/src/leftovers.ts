import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { Failure } from '@tributary/contracts';
import { identify, isRunning, stopProcess, type ProcessIdentity } from '@tributary/embedded';
import { readFile, type Installation } from './installation.ts';
import { isUp, readState, remains } from './state.ts';

/** A link is made whole or not at all: nobody reads a lock before its holder stands in it. */
function taken(lockFile: string): boolean {
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    linkSync(mine, lockFile);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine);
  }
}

/** Two launchers on one folder would each take the other's parts for leftovers. */
export function lock(installation: Installation): void {
  const { lockFile, folder } = installation;
  for (;;) {
    if (taken(lockFile)) return;
    const holder = readFile<ProcessIdentity>(lockFile);
    if (holder && isRunning(holder)) {
      throw new Failure(
        'misconfigured',
        `Tributary is already running on ${folder} (process ${holder.pid}): \`tributary down\` stops it, --data DIR and --port-base N start another beside it.`,
      );
    }
    rmSync(lockFile, { force: true });
  }
}

export const unlock = ({ lockFile }: Installation): void => rmSync(lockFile, { force: true });

const STOP_SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { postgres: 'SIGINT' };

/** Ends what a launcher that was killed has left running: exactly the processes it recorded, services before parts. */
export async function stopLeftovers(installation: Installation): Promise<number> {
  const state = readState(installation);
  if (state === null) return 0;
  const left = remains(state);
  const of = (names: readonly string[], isIn: boolean) =>
    state.services.filter((row) => names.includes(row.name) === isIn && row.process !== null);
  const end = (rows: ReturnType<typeof of>) =>
    Promise.all(rows.map(({ name, process }) => stopProcess(process!, { ask: STOP_SIGNALS[name] ?? 'SIGTERM' })));
  await end(of(['postgres', 'kafka', 'registry'], false));
  await end(of(['kafka', 'registry'], true));
  await end(of(['postgres'], true));
  return left.length;
}

const LAUNCHER_GRACE_MS = 60_000;

/** Stops launcher and parts, whichever of them still run. */
export async function stopEverything(installation: Installation): Promise<number> {
  const state = readState(installation);
  if (state === null) return 0;
  const running = remains(state).length;
  if (isUp(state)) await stopProcess(state.launcher, { graceMs: LAUNCHER_GRACE_MS });
  await stopLeftovers(installation);
  unlock(installation);
  return running;
}
