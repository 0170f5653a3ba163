import type { NormalizedRecord } from '@tributary/contracts';
import { observeStageLag, type Metrics } from '@tributary/telemetry';

/** Instruments are bound once per label set; an event costs two look-ups and two additions. */
export function recordMetrics(metrics: Metrics, nowMs: () => number) {
  const records = metrics.counter('tributary_records_total', 'Records by what became of them.', [
    'vendor',
    'kind',
    'outcome',
  ]);
  const endToEnd = metrics.histogram(
    'tributary_end_to_end_seconds',
    'From the reception at a door to the committed row.',
    ['vendor', 'door'],
  );
  const bound = new Map<string, { count(): void; observe(seconds: number): void }>();

  return {
    count(
      { vendor, kind, readStamp, existenceStamp, observedAt }: NormalizedRecord,
      outcome: 'written' | 'stale',
    ): void {
      const door = readStamp === 0 && existenceStamp === 0 ? 'webhook' : 'fetch';
      const key = `${vendor} ${kind} ${outcome} ${door}`;
      let instruments = bound.get(key);
      if (!instruments) {
        const [counter, histogram] = [records.with({ vendor, kind, outcome }), endToEnd.with({ vendor, door })];
        instruments = { count: () => counter.add(), observe: (seconds) => histogram.observe(seconds) };
        bound.set(key, instruments);
      }
      instruments.count();
      if (outcome === 'written') instruments.observe(nowMs() / 1_000 - observedAt / 1_000_000);
    },
    settled: observeStageLag(metrics, 'write', nowMs),
  };
}
