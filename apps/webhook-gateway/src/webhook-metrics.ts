import type { Connector } from '@tributary/connector-kit';
import type { Counter, Histogram, Metrics } from '@tributary/telemetry';

export const OUTCOMES = [
  'received',
  'challenge',
  'disabled',
  'refused',
  'expired',
  'too_large',
  'unavailable',
  'failed',
] as const;
export type DeliveryOutcome = (typeof OUTCOMES)[number];

export interface VendorMetrics {
  readonly events: Readonly<Record<DeliveryOutcome, Counter>>;
  readonly ackSeconds: Histogram;
}

/** The gateway does not parse, so it knows no event types; the transformer counts those. */
const EVENT_TYPE = 'unparsed';

export function webhookMetrics(metrics: Metrics, connectors: readonly Connector[]): ReadonlyMap<string, VendorMetrics> {
  const events = metrics.counter('tributary_webhook_events_total', 'Webhook deliveries by what became of them.', [
    'vendor',
    'event_type',
    'outcome',
  ]);
  const ackSeconds = metrics.histogram(
    'tributary_webhook_ack_seconds',
    'From the request to its durable acknowledgement.',
    ['vendor'],
  );
  return new Map(
    connectors.map(({ vendor }) => [
      vendor,
      {
        events: Object.fromEntries(
          OUTCOMES.map((outcome) => [outcome, events.with({ vendor, event_type: EVENT_TYPE, outcome })]),
        ) as Record<DeliveryOutcome, Counter>,
        ackSeconds: ackSeconds.with({ vendor }),
      },
    ]),
  );
}
