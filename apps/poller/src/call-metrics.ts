import type { Metrics } from '@tributary/telemetry';

export type CallOutcome = 'answered' | 'unavailable';

/** How many calls a vendor has answered, and how long each took. */
export function countCalls(metrics: Metrics, vendor: string): (outcome: CallOutcome, seconds: number) => void {
  const calls = metrics.counter('tributary_api_calls_total', 'Calls to vendors by outcome.', ['vendor', 'outcome']);
  const counters = {
    answered: calls.with({ vendor, outcome: 'answered' }),
    unavailable: calls.with({ vendor, outcome: 'unavailable' }),
  };
  const duration = metrics
    .histogram('tributary_api_seconds', 'Duration of calls to vendors.', ['vendor'])
    .with({ vendor });
  return (outcome, seconds) => {
    counters[outcome].add();
    duration.observe(seconds);
  };
}
