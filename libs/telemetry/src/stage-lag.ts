import type { Gauge, Metrics } from './metrics.ts';

/** Tells the age of the newest message that a stage has settled, by topic: what `onSettled` of a consumer is for. */
export function observeStageLag(metrics: Metrics, stage: string, nowMs: () => number) {
  const family = metrics.gauge('tributary_stage_lag_seconds', 'Age of the newest message that the stage has settled.', [
    'stage',
    'topic',
  ]);
  const gauges = new Map<string, Gauge>();
  return ({ topic, timestamp }: { readonly topic: string; readonly timestamp: number }): void => {
    const gauge = gauges.get(topic) ?? family.with({ stage, topic });
    gauges.set(topic, gauge);
    gauge.set(Math.max(0, nowMs() - timestamp) / 1_000);
  };
}
