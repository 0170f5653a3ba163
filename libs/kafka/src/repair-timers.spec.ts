import { loadRequestQueue, repairTimers } from './repair-timers.ts';

const logger = { debug: () => undefined, warn: () => undefined };

function queueOf(pending: readonly unknown[]) {
  const RequestQueue = loadRequestQueue();
  const queue = new RequestQueue({ maxInFlightRequests: null, requestTimeout: 1, clientId: 'c', broker: 'b', logger });
  return Object.assign(queue, { pending, throttleCheckTimeoutId: null as NodeJS.Timeout | null });
}

describe('the timer of kafkajs', () => {
  // When this fails the library has changed: see whether the repair is still needed.
  it('is armed with nothing pending before the repair, and only with something pending after', () => {
    const before = queueOf([]);
    before.scheduleCheckPendingRequests();
    const wasArmed = before.throttleCheckTimeoutId !== null;
    clearTimeout(before.throttleCheckTimeoutId!);
    repairTimers();
    const [idle, busy] = [queueOf([]), queueOf([{}])];
    idle.scheduleCheckPendingRequests();
    busy.scheduleCheckPendingRequests();
    clearTimeout(busy.throttleCheckTimeoutId!);
    expect([wasArmed, idle.throttleCheckTimeoutId !== null, busy.throttleCheckTimeoutId !== null]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
