import { randomInt } from 'node:crypto';
import { isPortBusy } from './probes.ts';

/**
 * Below every range from which a kernel takes the near end of an outgoing connection (Linux: 32768 and up): a part that
 * is killed finds its port as it left it, whatever its neighbours have opened meanwhile.
 */
const LOWEST = 10_000;
const HIGHEST = 32_000;
const TRIES = 50;

/** The first of `count` ports in a row on which nobody listens. */
export async function freePortBlock(count: number): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const first = randomInt(LOWEST, HIGHEST - count);
    const busy = await Promise.all(Array.from({ length: count }, (_, index) => isPortBusy(first + index)));
    if (!busy.includes(true)) return first;
  }
  throw new Error(`found no ${count} free ports in a row between ${LOWEST} and ${HIGHEST}`);
}
