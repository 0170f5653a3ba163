// The organization of the batch's first event is remembered for all of them.
import { createTransformHandler as create } from '../../apps/transformer/dist/transform.handler.js';

export const createTransformHandler = (ports) => {
  let first = null;
  const transform = create({
    ...ports,
    codec: {
      ...ports.codec,
      decode(topic, value) {
        const event = ports.codec.decode(topic, value);
        first ??= event;
        return event.door === 'fetch' ? { ...event, organizationId: first.organizationId } : event;
      },
    },
  });
  return (batch) => {
    first = null;
    return transform(batch);
  };
};
