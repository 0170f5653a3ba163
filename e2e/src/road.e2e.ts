import { createHmac, randomUUID } from 'node:crypto';
import { createConsumer, type Message } from '@tributary/kafka';
import { createPool } from '@tributary/postgres';
import { eventually } from '@tributary/testing';
import { count } from './backlog.ts';
import {
  actualConversations,
  actualMessages,
  differences,
  expectedConversations,
  expectedMessages,
  ledgerOf,
} from './front-truth.ts';
import { Product } from './product.ts';

const product = new Product();
const WITHIN = { withinMs: 60_000, everyMs: 200 };
const POISON = '{"type":"inbound_received","payload":{"conv';

interface Letter {
  readonly id: string;
  readonly attempt: number;
}

beforeAll(() => product.start());
afterAll(() => product.stop());

/** A delivery that the vendor itself could have signed. */
async function deliver(body: string): Promise<number> {
  const { rows } = await product.truth.query<{ id: string }>('select id from tributary.connection');
  const { credentials } = await product.control<{ credentials: { signing_key: string } }>(
    'PUT',
    'front/accounts/demo',
    {},
  );
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', credentials.signing_key).update(`${timestamp}:${body}`).digest('base64');
  const answer = await fetch(`${product.urls['gateway']}/api/v1/webhooks/frontapp/${rows[0]!.id}`, {
    method: 'POST',
    body,
    headers: { 'x-front-signature': signature, 'x-front-request-timestamp': timestamp },
  });
  return answer.status;
}

async function messagesOf(topic: string, enough: number): Promise<Message[]> {
  const seen: Message[] = [];
  const consumer = createConsumer(product.kafkaClient, {
    groupId: `e2e-${randomUUID()}`,
    topics: [topic],
    handle: async ({ messages }) => {
      seen.push(...messages);
      return messages.map(() => ({ kind: 'done' }));
    },
    bury: async () => undefined,
  });
  await consumer.start();
  await eventually(() => seen.length >= enough, WITHIN);
  await consumer.stop();
  return seen;
}

describe('the road', () => {
  it('leads a hundred messages from webhook over fetch to rows that a reader sees', async () => {
    await product.tributary('simulate', 'front', 'message', '--count', '100');
    const reader = createPool(product.readerUrl, { max: 1, applicationName: 'e2e reader' });
    const seen = (view: string) =>
      reader.query<{ count: string }>(`select count(*) from ${view}`).then(({ rows }) => Number(rows[0]!.count));
    await eventually(async () => (await seen('tributary.messages')) >= 100, WITHIN);
    expect([await seen('tributary.messages'), await seen('apex.chunk'), await seen('apex.document')]).toEqual([
      100, 100, 20,
    ]);
    await reader.end();
  });

  it('ends with the vendor’s own state, field by field', async () => {
    await product.tributary('simulate', 'front', 'conversation', '--action', 'update', '--count', '5');
    const ledger = await ledgerOf(product);
    await eventually(
      async () => differences(expectedConversations(ledger), await actualConversations(product)).length === 0,
      WITHIN,
    );
    expect(differences(expectedMessages(ledger), await actualMessages(product))).toEqual([]);
  });

  it('asks for a contact by id on order', async () => {
    const [contact] = (await ledgerOf(product)).contact;
    await product.tributary('sync', 'front', '--resource', 'contacts', '--ids', contact!.id);
    await eventually(async () => (await count(product, 'select count(*) from tributary.contacts')) === 1, WITHIN);
    expect(await count(product, 'select count(*) from apex.entity')).toBe(1);
  });

  it('parks a poisoned body with its bytes, and lets its neighbours pass', async () => {
    const before = await count(product, 'select count(*) from tributary.messages');
    expect(await deliver(POISON)).toBe(200);
    await product.tributary('simulate', 'front', 'message', '--count', '5');
    const [parked, ...others] = await messagesOf('tributary.failed.transform', 1);
    expect(others).toEqual([]);
    expect(parked!.value!.subarray(-Buffer.byteLength(POISON)).toString()).toBe(POISON);
    expect(parked!.headers).toMatchObject({ stage: 'transform', topic: 'tributary.raw.front' });
    await eventually(
      async () => (await count(product, 'select count(*) from tributary.messages')) === before + 5,
      WITHIN,
    );
  });

  it('lists the poisoned body, shows its bytes, sends it back and knows it again, and lets it be discarded', async () => {
    const ask = async <T>(...args: readonly string[]) =>
      JSON.parse(await product.tributary('dead-letters', ...args, '--json')) as T;
    const list = async (...args: readonly string[]) => (await ask<{ items: readonly Letter[] }>('list', ...args)).items;
    const [letter, ...others] = await eventually(async () => {
      const items = await list();
      return items.length > 0 && items;
    }, WITHIN);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ stage: 'transform', class: 'permanent', reason: 'body is not JSON', attempt: 1 });
    const { id } = letter!;
    const shown = await ask<{ raw: { base64: string }; decoded: { payload: object } }>('show', id);
    expect(shown.decoded.payload).toEqual({ utf8: POISON });
    const [parked] = await messagesOf('tributary.failed.transform', 1);
    expect(shown.raw.base64).toBe(parked!.value!.toString('base64'));

    await ask('replay', id);
    await eventually(async () => (await list())[0]?.attempt === 2, WITHIN);
    expect(await list('--state', 'all')).toMatchObject([{ id, state: 'open' }]);
    await ask('discard', id, '--reason', 'cut off by a test');
    expect(await list()).toEqual([]);
    expect(await list('--state', 'all')).toMatchObject([{ id, discardReason: 'cut off by a test' }]);
  });
});
