import { setTimeout as sleep } from 'node:timers/promises';

export interface KeepFreshPorts {
  refresh(): Promise<void>;
  onFault(error: unknown): void;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/** Refreshes until the signal; a fault is told once, and again after it was mended. */
export async function keepFresh({ refresh, onFault, everyMs, signal }: KeepFreshPorts): Promise<void> {
  let isFaulty = false;
  while (!signal.aborted) {
    try {
      await refresh();
      isFaulty = false;
    } catch (error) {
      if (!isFaulty) onFault(error);
      isFaulty = true;
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
