import type { Log } from './log.ts';

/** Longer than the slowest request and batch, shorter than the grace that orchestrators give. */
const FORCED_AFTER_MS = 20_000;

export interface Shutdown {
  /** Last added, first closed. */
  add(what: string, close: () => Promise<unknown>): void;
  fail(error: unknown): void;
  end(): Promise<void>;
  onSignals(): void;
  readonly isUnderWay: boolean;
}

export interface ShutdownPorts {
  exit(code: number): void;
  forcedAfterMs: number;
}

const ofProcess: ShutdownPorts = { exit: (code) => process.exit(code), forcedAfterMs: FORCED_AFTER_MS };

export function createShutdown(log: Log, ports: ShutdownPorts = ofProcess): Shutdown {
  const steps: { readonly what: string; close(): Promise<unknown> }[] = [];
  let ending: Promise<void> | null = null;

  async function end(code: number): Promise<void> {
    const forced = setTimeout(() => {
      log('error', 'shutdown took too long, the process ends now', { afterMs: ports.forcedAfterMs });
      ports.exit(1);
    }, ports.forcedAfterMs);
    for (const { what, close } of steps.reverse()) {
      await close().catch((error: unknown) => log('warn', 'not closed cleanly', { what, error }));
    }
    clearTimeout(forced);
    log('info', 'service has stopped', { code });
    ports.exit(code);
  }

  const fail = (error: unknown) => {
    log('error', error instanceof Error ? error.message : String(error), { error });
    ending ??= end(1);
  };

  return {
    add: (what, close) => void steps.push({ what, close }),
    fail,
    end: () => (ending ??= end(0)),
    onSignals() {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void (ending ??= end(0)));
      // A state that nobody thought of is not worked on: the launcher or the orchestrator starts a clean process.
      process.on('uncaughtException', fail);
      process.on('unhandledRejection', fail);
    },
    get isUnderWay() {
      return ending !== null;
    },
  };
}
