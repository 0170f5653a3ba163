import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { incomplete, wanted } from '@tributary/connector-kit';
import { front } from './connector.ts';
import { toContact } from './contact-mapping.ts';
import { toConversation, toMessage } from './mapping.ts';
import { toWanted } from './webhook-mapping.ts';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8');
const without = (name: string, field: string) => {
  const payload = JSON.parse(fixture(name)) as Record<string, unknown>;
  delete payload[field];
  return payload;
};

describe('front signature', () => {
  const key = Buffer.from('front_app_signing_key_for_tests');
  const signedAtMs = 1767225600000;
  const body = Buffer.from(
    '{"type":"inbound_received","authorization":{"id":"cmp_k30"},"payload":{"id":"evt_4ckcra8e","type":"inbound","emitted_at":1767225599.842,"conversation":{"id":"cnv_yo1kg5q","subject":"Café order – refund"}}}',
  );
  const headers = {
    'x-front-signature': 'EtZqD8aZQjEFljjwYJywaFKoj0na+xoFAmWoL65MukM=',
    'x-front-request-timestamp': String(signedAtMs),
  };
  const request = { headers, body, nowMs: signedAtMs };
  const verify = (change: Partial<typeof request>, keys = [key]) =>
    front.webhook.signature.verify({ ...request, ...change }, keys);

  it('accepts the vendor sheet’s test vector', () => {
    expect(body).toHaveLength(208);
    expect(verify({})).toBe('valid');
  });

  it('accepts the vector of the challenge and echoes it', () => {
    const sync = {
      ...request,
      body: Buffer.from('{"type":"sync","authorization":{"id":"cmp_k30"}}'),
      headers: {
        ...headers,
        'x-front-signature': '66SxOIZq4s1QM3XU8kBhv8jzSO/eygQVzk2C9Tw4y60=',
        'x-front-challenge': 'abc',
      },
    };
    expect(front.webhook.signature.verify(sync, [key])).toBe('valid');
    expect(front.webhook.challenge!(sync)).toEqual({ status: 200, contentType: 'text/plain', body: 'abc' });
    expect(front.webhook.challenge!(request)).toBeNull();
  });

  it('accepts either secret during a rotation', () => {
    expect(verify({}, [Buffer.from('the new one'), key])).toBe('valid');
  });

  it.each([
    ['one byte changed', { body: Buffer.from(body.toString().replace('inbound"', 'inbound" ')) }],
    ['another time', { headers: { ...headers, 'x-front-request-timestamp': '1767225600001' } }],
    ['no signature', { headers: { 'x-front-request-timestamp': '1767225600000' } as never }],
    ['no time', { headers: { 'x-front-signature': headers['x-front-signature'] } as never }],
  ])('refuses %s', (_, change) => {
    expect(verify(change)).toBe('invalid');
  });

  it('refuses a replay after five minutes', () => {
    expect(verify({ nowMs: signedAtMs + 5 * 60_000 })).toBe('valid');
    expect(verify({ nowMs: signedAtMs + 5 * 60_000 + 1 })).toBe('expired');
  });
});

describe('front mapping', () => {
  it('maps every field of a conversation', () => {
    expect(toConversation(JSON.parse(fixture('conversation')))).toMatchObject({
      records: [
        {
          externalId: 'cnv_yo1kg5q',
          sourceVersion: 1_701_806_790_536_000,
          content: {
            subject: 'Café order – refund',
            status: 'assigned',
            assignee: { externalId: 'tea_188ud', handle: 'leela@company.example', name: 'Leela Turanga' },
            recipient: { externalId: 'crd_2njtoem', handle: 'phyllis@example.com', name: 'Phyllis' },
            tags: [{ externalId: 'tag_13o8r1', name: 'Order changes' }],
            links: [{ name: 'ORD-1', url: 'https://orders.example.com/1' }],
            reminders: [{ createdAt: 1_701_874_532_000_000, scheduledAt: 1_701_874_654_321_000 }],
            createdAt: 1_701_292_649_333_000,
            waitingSince: 1_701_292_649_333_000,
          },
          visibility: 'private',
          customFields: { priority: 'high' },
          relations: [{ type: 'participant', kind: 'contact', externalId: 'crd_2njtoem' }],
        },
      ],
    });
  });

  it('takes the sender of inbound mail from the recipients', () => {
    expect(toMessage(JSON.parse(fixture('message')))).toMatchObject({
      records: [
        {
          content: {
            author: { externalId: 'crd_2njtoem', handle: 'phyllis@example.com' },
            conversationExternalId: 'cnv_yo1kg5q',
            recipients: [{ role: 'from' }, { role: 'to', externalId: null, handle: 'support@company.example' }],
            attachments: [{ filename: 'receipt.png', contentType: 'image/png', size: 4834 }],
          },
          relations: [
            { type: 'part_of', kind: 'conversation', externalId: 'cnv_yo1kg5q' },
            { type: 'participant', kind: 'contact', externalId: 'crd_2njtoem' },
          ],
        },
      ],
    });
  });

  it('maps a contact with its handles, lists and custom fields', () => {
    expect(toContact(JSON.parse(fixture('contact')))).toMatchObject({
      records: [
        {
          externalId: 'crd_3cgz4ge',
          sourceVersion: 0,
          content: {
            name: 'Dwight',
            handles: [{ handle: 'dwight@example.com', source: 'email' }],
            lists: ['Customers'],
          },
          customFields: { city: 'Scranton' },
        },
      ],
    });
  });

  it.each(['tags', 'status', 'subject', 'updated_at'])('asks for a conversation whose %s was never loaded', (field) => {
    expect(toConversation(without('conversation', field))).toEqual(incomplete(wanted('conversation', 'cnv_yo1kg5q')));
  });

  it.each(['body', 'recipients', 'attachments'])('asks for a message whose %s was never loaded', (field) => {
    expect(toMessage(without('message', field))).toEqual(incomplete(wanted('message', 'msg_1q15qmtq')));
  });

  it('keeps what Postgres cannot store out of every text', () => {
    const odd = { ...JSON.parse(fixture('contact')), name: 'a\0b\uD800', custom_fields: { 'k\0': ['\0x'] } };
    expect(toContact(odd)).toMatchObject({ records: [{ content: { name: 'ab\uFFFD' }, customFields: { k: ['x'] } }] });
  });

  it('never throws, whatever JSON arrives', () => {
    const maps = [toConversation, toMessage, toContact, toWanted];
    fc.assert(fc.property(fc.jsonValue(), (payload) => maps.forEach((map) => void map(payload))));
    for (const name of ['conversation', 'message', 'contact', 'inbound-received']) {
      const fields = Object.keys(JSON.parse(fixture(name)));
      fc.assert(
        fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) =>
          maps.forEach((map) => void map({ ...JSON.parse(fixture(name)), [field]: value })),
        ),
      );
    }
  });
});
