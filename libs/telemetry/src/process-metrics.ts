import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';

const NANOSECONDS = 1e9;

/** Sampled by the runtime itself, never per request. */
export function observeProcess(metrics: Metrics): void {
  const delay = monitorEventLoopDelay({ resolution: 100 });
  delay.enable();
  metrics.observed('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  metrics.observed('process_cpu_seconds_total', 'CPU time used.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.observed(
    'nodejs_eventloop_delay_p99_seconds',
    'Event loop delay, 99th percentile since the last look.',
    () => {
      const seconds = delay.percentile(99) / NANOSECONDS;
      delay.reset();
      return seconds;
    },
  );
}
