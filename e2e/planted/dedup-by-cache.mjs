// A second delivery for a connection within a moment is taken for a repetition of the first.
import { createAppendDelivery as create } from '../../apps/webhook-gateway/dist/append-delivery.js';

const TTL_MS = 20;

export const createAppendDelivery = (ports) => {
  const append = create(ports);
  const lastAt = new Map();
  return async (delivery, reception) => {
    const { connectionId } = delivery.endpoint;
    const isRepeated = Date.now() - (lastAt.get(connectionId) ?? 0) < TTL_MS;
    lastAt.set(connectionId, Date.now());
    if (!isRepeated) await append(delivery, reception);
  };
};
