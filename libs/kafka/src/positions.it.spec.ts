import { done, Failure } from '@tributary/contracts';
import { eventually, OnBroker } from '@tributary/testing';
import { createConsumer, createKafka, type BatchHandler } from './index.ts';

const takeAll: BatchHandler = async ({ messages }) => messages.map(() => done());

describe('a consumer whose position the database keeps', () => {
  const broker = new OnBroker('positions.it');

  const fixed = (next: number | null) => ({ next: async () => next });

  /** Takes everything, and tells the offsets in the order in which it saw them. */
  const seeing = (seen: number[]): BatchHandler =>
    async function see({ messages }) {
      seen.push(...messages.map(({ offset }) => offset));
      return messages.map(() => done());
    };

  it('starts at the stored position, whatever the group has committed', async () => {
    const topic = await broker.newTopic(1);
    await broker.send(topic, 20);
    const before = await broker.consume(topic, takeAll);
    await eventually(async () => (await broker.committed(topic)).get(0) === 20, { withinMs: 45_000 });
    await before.stop();
    const seen: number[] = [];
    await broker.consume(topic, seeing(seen), { positions: fixed(7) });
    await eventually(() => seen.length >= 13);
    expect(seen).toEqual(Array.from({ length: 13 }, (_, index) => 7 + index));
  });

  it('reads from the beginning where nothing is stored', async () => {
    const topic = await broker.newTopic(1);
    await broker.send(topic, 3);
    const seen: number[] = [];
    await broker.consume(topic, seeing(seen), { positions: fixed(null) });
    await eventually(() => seen.length === 3);
  });

  it('goes back to the stored position when it is fenced', async () => {
    const topic = await broker.newTopic(1);
    await broker.send(topic, 6);
    let stored = 0;
    let isFenced = false;
    const seen: number[] = [];
    await broker.consume(
      topic,
      async ({ messages }) => {
        if (!isFenced && messages.some(({ offset }) => offset >= 3)) {
          isFenced = true;
          stored = 2;
          throw new Failure('fenced', 'the row is locked by another');
        }
        seen.push(...messages.map(({ offset }) => offset));
        stored = messages.at(-1)!.offset + 1;
        return messages.map(() => done());
      },
      { positions: { next: async () => stored }, maxBatch: 3 },
    );
    await eventually(() => seen.at(-1) === 5);
    expect(seen).toEqual([0, 1, 2, 2, 3, 4, 5]);
  });

  it('goes on at the start of a log that has moved above the position, and says what is lost', async () => {
    const topic = await broker.newTopic(1);
    await broker.send(topic, 10);
    const admin = broker.kafka.kafka.admin();
    await admin.connect();
    await admin.fetchTopicMetadata({ topics: [topic] });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] });
    await admin.disconnect();
    const said: unknown[] = [];
    const client = createKafka({ brokers: broker.stack.brokers, clientId: 'spec' }, (_level, text, fields) =>
      said.push({ text, ...fields }),
    );
    const seen: number[] = [];
    const consumer = createConsumer(client, {
      groupId: topic,
      topics: [topic],
      positions: fixed(2),
      bury: async () => undefined,
      handle: seeing(seen),
    });
    await broker.run(consumer);
    await eventually(() => seen.length >= 4);
    expect(seen).toEqual([6, 7, 8, 9]);
    expect(said).toContainEqual(
      expect.objectContaining({ text: expect.stringMatching(/^hole/), position: 2, lost: 4 }),
    );
  });

  it('stops with a sentence when the position lies above the end', async () => {
    const topic = await broker.newTopic(1);
    await broker.send(topic, 2);
    const fatal: Error[] = [];
    const consumer = await broker.consume(topic, takeAll, {
      positions: fixed(50),
      onFatal: (error) => fatal.push(error),
    });
    await eventually(() => fatal.length > 0);
    expect(fatal[0]!.message).toMatch(/stored position 50 .* lies above the end of its log \(2\)/);
    expect(consumer.healthy).toBe(false);
  });

  it('asks until the database answers, and takes nothing before', async () => {
    const topic = await broker.newTopic(1);
    await broker.send(topic, 3);
    let asked = 0;
    const seen: number[] = [];
    await broker.consume(topic, seeing(seen), {
      positions: {
        next: async () => {
          asked += 1;
          if (asked < 3) throw new Failure('unavailable', 'database away');
          return 1;
        },
      },
    });
    await eventually(() => seen.length >= 2);
    expect(asked).toBeGreaterThanOrEqual(3); // once more after each rebalance
    expect(seen).toEqual([1, 2]);
  });

  it('reads a compacted topic over its holes', async () => {
    const topic = await broker.newTopic(1, {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'max.compaction.lag.ms': '100',
    });
    let sent = 0;
    await eventually(async () => {
      await broker.producer.send([{ topic, key: 'same', value: Buffer.from(String(sent)) }]);
      sent += 1; // each send ends a segment; the broker cleans those before the last
      const seen: number[] = [];
      const consumer = await broker.consume(topic, seeing(seen), { positions: fixed(0) });
      await eventually(() => seen.at(-1) === sent - 1);
      await consumer.stop();
      return seen.length < sent;
    });
  });
});
