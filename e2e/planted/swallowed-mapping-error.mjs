// A mapping that fails is taken for an event that nobody wants: neither a record nor a dead letter comes of it.
import { createTransformHandler as create } from '../../apps/transformer/dist/transform.handler.js';
import { note } from './note.mjs';

const failing = ({ map, ...description }) => ({
  ...description,
  map(body) {
    try {
      if (body?.tags?.length === 3) throw new Error('three tags');
      return map(body);
    } catch {
      note(`conversation ${body.id}`);
      return { kind: 'filtered', rule: 'not mapped' };
    }
  },
});

export const createTransformHandler = (ports) =>
  create({
    ...ports,
    connectorOf(vendor) {
      const connector = ports.connectorOf(vendor);
      return { ...connector, kinds: { ...connector.kinds, conversation: failing(connector.kinds.conversation) } };
    },
  });
