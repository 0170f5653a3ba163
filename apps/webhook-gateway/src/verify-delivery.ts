import type { Answer, Connector, WebhookRequest } from '@tributary/connector-kit';
import type { Endpoint, Endpoints } from './endpoints.ts';

/** Only a verified delivery has a body. */
export interface VerifiedDelivery {
  readonly endpoint: Endpoint;
  readonly deliveryId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Verification =
  | { readonly kind: 'verified'; readonly delivery: VerifiedDelivery }
  | { readonly kind: 'challenge'; readonly answer: Answer }
  /** Signed, but the connection takes nothing any more. */
  | { readonly kind: 'disabled' }
  /** Wrong or expired signature, or a connection that does not exist: alike from outside. */
  | { readonly kind: 'refused'; readonly why: 'unknown_connection' | 'invalid' | 'expired' }
  /** Nobody can say: no connections loaded yet, or a secret that cannot be opened. Never a refusal. */
  | { readonly kind: 'unjudged' };

export function verifyDelivery(
  connector: Connector,
  connectionId: string,
  request: WebhookRequest,
  endpoints: Pick<Endpoints, 'isLoaded' | 'find'>,
): Verification {
  if (!endpoints.isLoaded) return { kind: 'unjudged' };
  const endpoint = endpoints.find(connectionId);
  if (endpoint?.vendor !== connector.vendor) return { kind: 'refused', why: 'unknown_connection' };
  if (endpoint.secrets === null) return { kind: 'unjudged' };
  const { signature, challenge, deliveryId, keptHeaders } = connector.webhook;
  const verdict = signature.verify(request, endpoint.secrets);
  if (verdict !== 'valid') return { kind: 'refused', why: verdict };
  const answer = challenge?.(request) ?? null;
  if (answer) return { kind: 'challenge', answer };
  if (endpoint.status === 'disabled') return { kind: 'disabled' };
  const kept = keptHeaders.flatMap((name) =>
    request.headers[name] === undefined ? [] : [[name, request.headers[name]]],
  );
  return {
    kind: 'verified',
    delivery: { endpoint, deliveryId: deliveryId(request), headers: Object.fromEntries(kept), body: request.body },
  };
}
