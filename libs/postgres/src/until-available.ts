import { setTimeout as wait } from 'node:timers/promises';
import { isUnavailable } from './errors.ts';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/** For what a service cannot begin without: tries until Postgres answers. Errors that waiting cannot mend are thrown. */
export async function untilAvailable<T>(attempt: () => Promise<T>, onWait: (error: unknown) => void): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      onWait(error);
      await wait(waitMs);
    }
  }
}
