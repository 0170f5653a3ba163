import {
  readOrderKey,
  topicNames,
  type Accounting,
  type Command,
  type NormalizedRecord,
  type RawEvent,
} from '@tributary/contracts';
import type { Batch, Codec, OutgoingMessage } from '@tributary/kafka';
import { acme, rawEventOf } from '@tributary/testing';
import { createTransformHandler } from './transform.handler.ts';

const names = topicNames();

/** Values stay values, so that a suite can read what was sent. */
function plainCodec(): Codec {
  const values: unknown[] = [];
  return {
    encode: (_, value) => Buffer.from(String(values.push(value) - 1)),
    decode: <T>(_: string, frame: Buffer) => {
      const index = Number(frame.toString());
      if (!(index in values)) throw new Error('foreign frame');
      return values[index] as T;
    },
  };
}

function rawEvent(event: string, object: object | string): RawEvent {
  return rawEventOf({
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    headers: { 'x-acme-event': event },
    payload: Buffer.from(typeof object === 'string' ? object : JSON.stringify({ object })),
  });
}

async function transform(values: readonly (RawEvent | 'foreign')[]) {
  const codec = plainCodec();
  const sends: (readonly OutgoingMessage[])[] = [];
  const handle = createTransformHandler({
    connectorOf: (vendor) => (vendor === 'acme' ? acme : undefined),
    codec,
    names,
    nowMicros: () => 1_767_225_601_000_000,
    send: async (messages) => {
      sends.push(messages);
      return messages.map(({ topic }, offset) => ({ topic, partition: 0, offset }));
    },
  });
  const topic = names.raw('acme');
  const messages = values.map((value, index) => ({
    topic,
    partition: 4,
    offset: 10 + index * 2, // a hole between any two
    key: null,
    value: value === 'foreign' ? Buffer.from('nonsense') : codec.encode(topic, value),
    headers: {},
    timestamp: 0,
  }));
  const batch: Batch = { topic, partition: 4, messages, isCurrent: () => true };
  const outcomes = await handle(batch);
  const sent = <T>(to: string) =>
    sends
      .flat()
      .filter((message) => message.topic === to)
      .map((message) => ({ ...message, value: codec.decode<T>(to, message.value!) }));
  return { outcomes, sends, sent };
}

const person = { id: 'p1', name: 'Ada', email: 'ada@example.com', changed: 1_767_225_599.5 };

describe('transformer', () => {
  it('makes a record with stamp 0 of a webhook that carries a whole object', async () => {
    const { outcomes, sent } = await transform([rawEvent('person.saved', person)]);
    const [message] = sent<NormalizedRecord>(names.normalized('contact'));
    expect(outcomes).toEqual([{ kind: 'done' }]);
    expect(message!.key).toBe(message!.value.id);
    expect(message!.value).toMatchObject({ readStamp: 0, existenceStamp: 0, content: { name: 'Ada' } });
    expect(readOrderKey(message!.value.orderKey)).toMatchObject({ sourceVersion: 1_767_225_599_500_000, readStamp: 0 });
    expect(Object.keys(message!.headers!).toSorted()).toEqual([
      'ce_id',
      'ce_source',
      'ce_specversion',
      'ce_type',
      'traceparent',
    ]);
  });

  it('asks for what a webhook only names, under the vendor account and with the raw offset that asked', async () => {
    const { outcomes, sent } = await transform([rawEvent('thread.saved', { id: 't1' })]);
    const [message] = sent<Command>(names.commands('acme'));
    expect(outcomes).toEqual([{ kind: 'done' }]);
    expect(message!.key).toBe('acc_1');
    expect(message!.value).toMatchObject({
      kind: 'conversation',
      externalId: 't1',
      expectation: { presence: 'exists' },
      askedBy: [{ topic: names.raw('acme'), partition: 4, offset: 10 }],
      lane: 'live',
    });
  });

  it('judges each message of a batch alone, and accounts for every offset in one send', async () => {
    const { outcomes, sends, sent } = await transform([
      rawEvent('person.saved', person),
      rawEvent('person.saved', '{"object":'),
      rawEvent('moon.rose', { id: 'm' }),
      'foreign',
      { ...rawEvent('person.saved', person), vendor: 'nobody' },
      rawEvent('person.erased', { id: 'p1' }),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'dead', 'filtered', 'dead', 'dead', 'done']);
    expect(sends).toHaveLength(1);
    const [accounting] = sent<Accounting>(names.accounting);
    expect(accounting!.key).toBe(`${names.raw('acme')}:4`);
    expect(accounting!.value.outcomes.map(({ offset, outcome }) => [offset, outcome])).toEqual([
      [10, 'mapped'],
      [12, 'dead'],
      [14, 'filtered'],
      [16, 'dead'],
      [18, 'dead'],
      [20, 'fetch'],
    ]);
  });

  it('counts nothing as done when the send fails', async () => {
    const codec = plainCodec();
    const handle = createTransformHandler({
      connectorOf: () => acme,
      codec,
      names,
      nowMicros: () => 0,
      send: () => Promise.reject(new Error('Kafka is away')),
    });
    const value = codec.encode('raw', rawEvent('person.saved', person));
    const message = { topic: 'raw', partition: 0, offset: 0, key: null, value, headers: {}, timestamp: 0 };
    await expect(handle({ topic: 'raw', partition: 0, messages: [message], isCurrent: () => true })).rejects.toThrow(
      'Kafka',
    );
  });
});
