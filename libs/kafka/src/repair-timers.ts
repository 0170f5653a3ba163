import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

let isRepaired = false;

/**
 * kafkajs arms a timer after every answer, also with nothing pending, and with a negative delay; Node 24 makes that 1 ms and prints
 * a warning: a loop per connection that costs 6 % of a core when idle. Nothing pending needs no timer. See repair-timers.spec.ts.
 */
export function repairTimers(): void {
  if (isRepaired) return;
  isRepaired = true;
  const queue = loadRequestQueue();
  const schedule = queue.prototype.scheduleCheckPendingRequests;
  queue.prototype.scheduleCheckPendingRequests = function scheduleWhenPending(this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}

export function loadRequestQueue(): { new (options: object): RequestQueue; readonly prototype: RequestQueue } {
  return createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js');
}
