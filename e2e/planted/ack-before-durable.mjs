// The answer does not wait for the broker: what is on its way when the process dies is lost.
import { createAppendDelivery as create } from '../../apps/webhook-gateway/dist/append-delivery.js';

export const createAppendDelivery = (ports) => {
  const append = create(ports);
  return async (...delivery) => {
    setTimeout(() => append(...delivery).catch(() => undefined), 100);
  };
};
