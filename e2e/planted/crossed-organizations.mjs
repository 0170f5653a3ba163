// The organization of the batch's first event is remembered for all of them.
import { createTransformHandler as create } from '../../apps/transformer/dist/transform.handler.js';
import { noteRecord } from './note.mjs';

export const createTransformHandler = (ports) => {
  let first = null;
  const transform = create({
    ...ports,
    codec: {
      ...ports.codec,
      decode(topic, value) {
        const event = ports.codec.decode(topic, value);
        first ??= event;
        if (event.door !== 'fetch' || event.organizationId === first.organizationId) return event;
        noteRecord(event);
        return { ...event, organizationId: first.organizationId };
      },
    },
  });
  return (batch) => {
    first = null;
    return transform(batch);
  };
};
