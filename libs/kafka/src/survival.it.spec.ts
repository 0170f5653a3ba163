import { randomUUID } from 'node:crypto';
import { done, isFailure } from '@tributary/contracts';
import { eventually, ownStack, type OwnStack } from '@tributary/testing';
import { createConsumer, createKafka, createProducer, ensureTopics } from './index.ts';

const WITHIN = { withinMs: 60_000 };

describe('when the broker is killed', () => {
  let stack: OwnStack;
  beforeAll(async () => {
    stack = await ownStack();
  }, 120_000);
  afterAll(() => stack?.stop(), 60_000);

  it('producer and consumer go on by themselves, and nothing acknowledged is lost', async () => {
    const kafka = createKafka({ brokers: stack.brokers, clientId: 'survival.it' });
    const topic = `${stack.topicPrefix}${randomUUID()}`;
    await ensureTopics(kafka, [{ name: topic, partitions: 3, config: {}, schema: null, isPublic: false }], {
      factor: 1,
      minIsr: 1,
    });
    const producer = createProducer(kafka);
    const seen = new Set<string>();
    const consumer = createConsumer(kafka, {
      groupId: topic,
      topics: [topic],
      bury: async () => undefined,
      handle: async ({ messages }) =>
        messages.map(({ value }) => {
          seen.add(String(value));
          return done();
        }),
    });
    await consumer.start();
    const acknowledged: string[] = [];
    const refusals: unknown[] = [];
    const sendOne = async () => {
      const value = randomUUID();
      await producer.send([{ topic, key: value, value: Buffer.from(value) }]).then(
        () => acknowledged.push(value),
        (error: unknown) => refusals.push(error),
      );
    };
    await eventually(async () => (await sendOne(), seen.size > 20), WITHIN);
    await stack.kill('kafka');
    await eventually(async () => (await sendOne(), refusals.length > 0), WITHIN);
    expect(refusals.every((error) => isFailure(error, 'unavailable'))).toBe(true);
    const before = acknowledged.length;
    await eventually(async () => (await sendOne(), acknowledged.length > before + 20), WITHIN);
    await eventually(() => acknowledged.every((value) => seen.has(value)), WITHIN);
    expect(consumer.healthy).toBe(true);
    await consumer.stop();
    await producer.close();
  }, 180_000);
});
