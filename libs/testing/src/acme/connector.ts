import {
  BODY,
  defineConnector,
  hmacSignature,
  incomplete,
  malformed,
  mapped,
  reader,
  unwanted,
  wanted,
  type Mapped,
  type Reader,
} from '@tributary/connector-kit';
import type { RecordKind } from '@tributary/contracts';

/**
 * A fictitious vendor for suites, never in the registry. It does what no connected vendor does yet: complete objects in its webhooks,
 * a delivery id in a header, a prefixed hex signature without a time, contacts with versions, conversations without.
 */
export const acme = defineConnector({
  vendor: 'acme',
  aliases: ['acme-crm'],
  api: {
    baseUrl: 'https://api.acme.example',
    baseUrlEnv: 'ACME_BASE_URL',
    authorization: (token) => ({ 'x-acme-key': token }),
  },
  credentials: { token: 'key', webhookSecrets: ['secret'] },
  webhook: {
    maxBodyBytes: 64 * 1024,
    signature: hmacSignature({
      hash: 'sha256',
      encoding: 'hex',
      in: 'x-acme-signature',
      prefix: 'sha256=',
      signs: [BODY],
    }),
    deliveryId: ({ headers }) => headers['x-acme-delivery'] ?? '',
    keptHeaders: ['x-acme-event'],
    map: (payload, headers) => mapEvent(reader(payload), headers['x-acme-event'] ?? ''),
  },
  kinds: {
    contact: {
      resource: 'people',
      versions: true,
      mappingVersion: 1,
      read: { path: (id) => `/people/${id}`, deleted: [410], notVisible: [404] },
      map: toPerson,
    },
    conversation: {
      resource: 'threads',
      versions: false,
      mappingVersion: 1,
      read: { path: (id) => `/threads/${id}`, deleted: [404, 410], notVisible: [403] },
      map: toThread,
    },
  },
});

function mapEvent(event: Reader, name: string): Mapped {
  const object = event.child('object');
  const externalId = object?.string('id');
  if (!object || !externalId) return malformed('event without an object');
  switch (name) {
    case 'person.saved':
      return toPerson(event.object('object'));
    case 'person.erased':
      return incomplete(wanted('contact', externalId, { presence: 'gone' }));
    case 'thread.saved':
      return incomplete(wanted('conversation', externalId, { presence: 'exists' }));
    default:
      return unwanted(`event type ${name} is not mapped`);
  }
}

function toPerson(payload: unknown): Mapped {
  const read = reader(payload);
  const externalId = read.string('id');
  if (!externalId) return malformed('person without id');
  const sourceVersion = read.microseconds('changed');
  if (sourceVersion === null || !read.has('name', 'email')) return incomplete(wanted('contact', externalId));
  const email = read.string('email');
  return mapped({
    ...plain('contact', externalId),
    sourceVersion,
    content: {
      name: read.string('name'),
      description: null,
      avatarUrl: null,
      handles: email ? [{ handle: email, source: 'email' }] : [],
      lists: [],
      links: [],
    },
    occurredAt: sourceVersion,
  });
}

function toThread(payload: unknown): Mapped {
  const read = reader(payload);
  const externalId = read.string('id');
  if (!externalId) return malformed('thread without id');
  return mapped({
    ...plain('conversation', externalId),
    sourceVersion: 0,
    content: {
      subject: read.string('title'),
      status: null,
      assignee: null,
      recipient: null,
      tags: [],
      links: [],
      reminders: [],
      createdAt: null,
      updatedAt: null,
      waitingSince: null,
    },
    occurredAt: null,
  });
}

function plain<K extends RecordKind>(kind: K, externalId: string) {
  return { kind, externalId, visibility: 'public' as const, customFields: {}, relations: [] };
}
