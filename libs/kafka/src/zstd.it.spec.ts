import { randomBytes, randomUUID } from 'node:crypto';
import { done } from '@tributary/contracts';
import { eventually, OnBroker } from '@tributary/testing';
import kafkajs from 'kafkajs';

const { CompressionTypes } = kafkajs;

describe('batches compressed by zstd', () => {
  const broker = new OnBroker('zstd.it');

  const arriving = async (topic: string) => {
    const seen: string[] = [];
    await broker.consume(topic, async ({ messages }) => {
      seen.push(...messages.map(({ value }) => value!.toString()));
      return messages.map(() => done());
    });
    return seen;
  };

  it('by the broker are read by our consumers', async () => {
    const topic = await broker.newTopic(1, { 'compression.type': 'zstd' });
    await broker.send(topic, 500);
    const seen = await arriving(topic);
    await eventually(() => seen.length === 500);
    expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => String(index)));
  });

  // A topic of another compression makes the broker unpack what it is sent: a reader that shares nothing with ours.
  it.each([
    ['small', 'so short that it is packed at once'],
    ['large', randomBytes(300_000).toString('hex')],
  ])('by us are read by the broker itself: %s', async (_size, value) => {
    const topic = await broker.newTopic(1, { 'compression.type': 'gzip' });
    const producer = broker.kafka.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    await producer.send({ topic, compression: CompressionTypes.ZSTD, messages: [{ key: randomUUID(), value }] });
    await producer.disconnect();
    const seen = await arriving(topic);
    await eventually(() => seen.length === 1);
    expect(seen).toEqual([value]);
  });
});
