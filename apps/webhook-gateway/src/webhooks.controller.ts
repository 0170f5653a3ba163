import type { Answer, Connector, WebhookRequest } from '@tributary/connector-kit';
import { isFailure } from '@tributary/contracts';
import type { Log } from '@tributary/runtime';
import { startSpan } from '@tributary/telemetry';
import type { AppendDelivery } from './append-delivery.ts';
import type { Endpoints } from './endpoints.ts';
import { verifyDelivery, type VerifiedDelivery } from './verify-delivery.ts';
import type { DeliveryOutcome, VendorMetrics } from './webhook-metrics.ts';

export interface Response extends Answer {
  readonly retryAfterSeconds?: number;
}

export interface WebhookPorts {
  readonly endpoints: Pick<Endpoints, 'isLoaded' | 'find'>;
  readonly append: AppendDelivery;
  readonly metrics: ReadonlyMap<string, VendorMetrics>;
  readonly log: Log;
}

const json = (status: number, body: object): Response => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
});
const refusal = (status: number, code: string, message: string): Response => json(status, { error: { code, message } });

const RECEIVED = json(200, { status: 'received' });
const REFUSED = refusal(401, 'invalid_signature', 'Invalid signature');
const TOO_LARGE = refusal(413, 'validation_error', 'The body is larger than this vendor sends');
const COME_BACK: Response = {
  ...refusal(503, 'integration_error', 'Not accepted now, send it again'),
  retryAfterSeconds: 2,
};
const FAILED = refusal(500, 'integration_error', 'Not accepted');
export const NO_SUCH_WEBHOOK = refusal(404, 'validation_error', 'No such webhook');

/** What a delivery comes to: 2xx only once it is durable (or needs not be), 503 where it cannot be judged or stored. */
export class WebhooksController {
  constructor(private readonly ports: WebhookPorts) {}

  tooLarge(connector: Connector): Response {
    this.#count(connector, 'too_large');
    return TOO_LARGE;
  }

  async receive(connector: Connector, connectionId: string, request: WebhookRequest): Promise<Response> {
    const verification = verifyDelivery(connector, connectionId, request, this.ports.endpoints);
    switch (verification.kind) {
      case 'verified':
        return this.#store(connector, verification.delivery, request);
      case 'challenge':
        this.#count(connector, 'challenge');
        return verification.answer;
      case 'disabled':
        this.#count(connector, 'disabled');
        return RECEIVED;
      case 'refused':
        this.#count(connector, verification.why === 'expired' ? 'expired' : 'refused');
        this.ports.log('info', 'delivery refused', { vendor: connector.vendor, why: verification.why });
        return REFUSED;
      case 'unjudged':
        this.#count(connector, 'unavailable');
        return COME_BACK;
    }
  }

  async #store(
    connector: Connector,
    delivery: VerifiedDelivery,
    { headers, nowMs }: WebhookRequest,
  ): Promise<Response> {
    const startedAt = performance.now();
    const span = startSpan('webhook', { parent: headers['traceparent'] ?? '', kind: 'server' });
    try {
      await this.ports.append(delivery, { receivedAt: nowMs * 1000, traceparent: span.traceparent });
      span.end();
      this.ports.metrics.get(connector.vendor)?.ackSeconds.observe((performance.now() - startedAt) / 1000);
      this.#count(connector, 'received');
      return RECEIVED;
    } catch (error) {
      span.end(error);
      const isPassing = isFailure(error);
      this.#count(connector, isPassing ? 'unavailable' : 'failed');
      const { vendor } = connector;
      this.ports.log(isPassing ? 'warn' : 'error', 'delivery not stored', { vendor, traceId: span.traceId, error });
      return isPassing ? COME_BACK : FAILED;
    }
  }

  #count({ vendor }: Connector, outcome: DeliveryOutcome): void {
    this.ports.metrics.get(vendor)?.events[outcome].add();
  }
}
