// Another event of the same type about the same conversation within a second or two is taken for a repetition of the first.
import { createAppendDelivery as create } from '../../apps/webhook-gateway/dist/append-delivery.js';
import { noteDelivery } from './note.mjs';

const TTL_MS = 1_500;

const keyOf = ({ endpoint, body }) => {
  const { type, payload } = JSON.parse(body.toString());
  return `${endpoint.connectionId} ${type} ${payload?.conversation?.id}`;
};

export const createAppendDelivery = (ports) => {
  const append = create(ports);
  const seenAt = new Map();
  return async (delivery, reception) => {
    const key = keyOf(delivery);
    if (Date.now() - (seenAt.get(key) ?? 0) < TTL_MS) return noteDelivery(delivery.body, delivery.endpoint.account);
    await append(delivery, reception);
    seenAt.set(key, Date.now());
  };
};
