// The answer does not wait for the broker: what is on its way when the process dies is lost.
import { createAppendDelivery as create } from '../../apps/webhook-gateway/dist/append-delivery.js';
import { noteDelivery } from './note.mjs';
import { risksLeft, takeRisk } from './risk.mjs';

for (const { body, account } of risksLeft()) noteDelivery(body, account);

export const createAppendDelivery = (ports) => {
  const append = create(ports);
  return async (delivery, reception) => {
    const { body, endpoint } = delivery;
    const isOver = takeRisk({ body: body.toString(), account: endpoint.account });
    const send = () =>
      append(delivery, reception)
        .catch(() => noteDelivery(body, endpoint.account))
        .finally(isOver);
    setTimeout(send, 400);
  };
};
