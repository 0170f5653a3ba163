import { createHash } from 'node:crypto';
import { BODY, defineConnector, header, hmacSignature, type WebhookRequest } from '@tributary/connector-kit';
import { toContact } from './contact-mapping.ts';
import { toConversation, toMessage } from './mapping.ts';
import { toWanted } from './webhook-mapping.ts';

const CHALLENGE = 'x-front-challenge';
const TIMESTAMP = 'x-front-request-timestamp';

export const front = defineConnector({
  vendor: 'front',
  aliases: ['frontapp'],
  api: {
    baseUrl: 'https://api2.frontapp.com',
    baseUrlEnv: 'FRONT_BASE_URL',
    authorization: (token) => ({ authorization: `Bearer ${token}` }),
  },
  credentials: { token: 'token', webhookSecrets: ['signing_key'] },
  webhook: {
    maxBodyBytes: 1024 * 1024,
    signature: hmacSignature({
      hash: 'sha256',
      encoding: 'base64',
      in: 'x-front-signature',
      signs: [header(TIMESTAMP), ':', BODY],
      timestamp: { header: TIMESTAMP, unit: 'ms', toleranceMs: 5 * 60_000 },
    }),
    challenge: ({ headers }) => {
      const challenge = headers[CHALLENGE];
      return challenge === undefined ? null : { status: 200, contentType: 'text/plain', body: challenge };
    },
    deliveryId: digestOfBody,
    keptHeaders: [],
    map: toWanted,
  },
  kinds: {
    conversation: {
      resource: 'conversations',
      versions: true,
      mappingVersion: 1,
      // 301 is a conversation merged into another: this id is gone for good.
      read: { path: (id) => `/conversations/${encodeURIComponent(id)}`, deleted: [301, 404], notVisible: [403] },
      map: toConversation,
    },
    message: {
      resource: 'messages',
      versions: false,
      mappingVersion: 1,
      read: { path: (id) => `/messages/${encodeURIComponent(id)}`, deleted: [404], notVisible: [403] },
      map: toMessage,
    },
    contact: {
      resource: 'contacts',
      versions: false,
      mappingVersion: 1,
      read: { path: (id) => `/contacts/${encodeURIComponent(id)}`, deleted: [301, 404], notVisible: [403] },
      map: toContact,
    },
  },
});

/** Front names no delivery in a header; a repeated delivery repeats its bytes. */
function digestOfBody({ body }: WebhookRequest): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 32);
}
