// A webhook's preview is taken for the whole conversation: what it does not show is stored as empty.
import { createTransformHandler as create } from '../../apps/transformer/dist/transform.handler.js';
import { note } from './note.mjs';

const partial = (connector) => ({
  ...connector,
  webhook: {
    ...connector.webhook,
    map(body, headers) {
      const { conversation, emitted_at: seconds } = body?.payload ?? {};
      if (!conversation || body.type !== 'assignee_changed') return connector.webhook.map(body, headers);
      note(`conversation ${conversation.id}`);
      const { kind, sourceVersion, content, ...rest } = emptyConversation(conversation, Math.round(seconds * 1e6));
      return { kind: 'mapped', records: [{ kind, sourceVersion, content, ...rest }] };
    },
  },
});

const emptyConversation = ({ id, subject }, version) => ({
  kind: 'conversation',
  externalId: id,
  sourceVersion: version,
  content: {
    subject,
    status: null,
    assignee: null,
    recipient: null,
    tags: [],
    links: [],
    reminders: [],
    createdAt: null,
    updatedAt: version,
    waitingSince: null,
  },
  visibility: 'public',
  customFields: {},
  relations: [],
  occurredAt: version,
});

export const createTransformHandler = (ports) =>
  create({ ...ports, connectorOf: (vendor) => partial(ports.connectorOf(vendor)) });
