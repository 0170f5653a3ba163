import { dead, done, Failure, type TopicSpec } from '@tributary/contracts';
import { eventually, OnBroker } from '@tributary/testing';
import { createBurier, ensureTopics, isDurable, readDurability, type BatchHandler, type Message } from './index.ts';

const place = ({ partition, offset }: { partition: number; offset: number }) => `${partition}:${offset}`;

describe('the consumer on a real broker', () => {
  const broker = new OnBroker('consumer.it');

  it('goes on committing after a while without work', async () => {
    const topic = await broker.newTopic(1);
    let ticks = 0;
    const consumer = await broker.consume(topic, async ({ messages }) => messages.map(() => done()));
    // Commits run on a timer: a few of them must have found nothing to do before the first message.
    await eventually(() => consumer.healthy && (ticks += 1) > 40);
    await broker.send(topic, 3);
    await eventually(async () => (await broker.committed(topic)).get(0) === 3, { withinMs: 45_000 });
  });

  it('gives the producer the place where each message landed, in order', async () => {
    const topic = await broker.newTopic();
    const refs = await broker.send(topic, 500);
    const seen = new Map<string, string>();
    await broker.consume(topic, async ({ messages }) =>
      messages.map((message) => {
        seen.set(place(message), String(message.value));
        return done();
      }),
    );
    // A request that was repeated, because a partition had no leader yet, stores again what had been stored.
    await eventually(() => refs.every((ref) => seen.has(place(ref))));
    expect(refs.map((ref) => seen.get(place(ref)))).toEqual(Array.from({ length: 500 }, (_, index) => String(index)));
  });

  it('loses nothing while members join and leave, and one key stays in order within a generation', async () => {
    const topic = await broker.newTopic(6);
    const seen = new Set<string>();
    const slow: BatchHandler = async ({ messages }) => {
      await new Promise((resolve) => setImmediate(resolve));
      for (const message of messages) seen.add(String(message.value));
      return messages.map(() => done());
    };
    const first = await broker.consume(topic, slow, { maxBatch: 20 });
    await eventually(() => first.healthy);
    await broker.send(topic, 2_000);
    const second = await broker.consume(topic, slow, { maxBatch: 20 });
    await eventually(() => (second.assigned().get(topic)?.length ?? 0) > 0);
    await broker.send(topic, 2_000, 2_000);
    await first.stop();
    await broker.send(topic, 2_000, 4_000);
    await eventually(() => seen.size === 6_000);
    await second.stop();
    const total = [...(await broker.committed(topic)).values()].reduce((sum, offset) => sum + offset, 0);
    expect(total).toBe(6_000);
  });

  it('never commits past unfinished work', async () => {
    const topic = await broker.newTopic(1);
    await broker.send(topic, 10);
    let release = () => undefined as void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const seen: number[] = [];
    await broker.consume(
      topic,
      async ({ messages }) => {
        if (messages[0]!.offset >= 4) await gate;
        seen.push(...messages.map(({ offset }) => offset));
        return messages.map(() => done());
      },
      { maxBatch: 2 },
    );
    await eventually(async () => (await broker.committed(topic)).get(0) === 4);
    expect(seen).toEqual([0, 1, 2, 3]);
    release();
    await eventually(async () => (await broker.committed(topic)).get(0) === 10);
  });

  it('pauses while the world is at fault and goes on where it stood', async () => {
    const topic = await broker.newTopic(1);
    let isAway = true;
    let asked = 0;
    const seen: number[] = [];
    await broker.consume(topic, async ({ messages }) => {
      asked += 1;
      if (isAway) throw new Failure('unavailable', 'database away');
      seen.push(...messages.map(({ offset }) => offset));
      return messages.map(() => done());
    });
    await broker.send(topic, 5);
    await eventually(() => asked >= 3);
    expect((await broker.committed(topic)).get(0)).toBeLessThanOrEqual(0);
    isAway = false;
    await eventually(() => seen.length >= 5);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('parks a dead message with its bytes unchanged, and its neighbours pass', async () => {
    const [topic, failed] = [await broker.newTopic(1), await broker.newTopic(1)];
    const bytes = Buffer.from([0, 255, 1, 254, 10, 13]);
    await broker.producer.send([
      { topic, key: 'a', value: Buffer.from('fine') },
      { topic, key: 'b', value: bytes, headers: { traceparent: '00-x' } },
      { topic, key: 'c', value: Buffer.from('fine') },
    ]);
    const bury = createBurier(broker.producer, {
      topic: failed,
      stage: 'transform',
      app: 'transformer',
      version: '1.2.3',
    });
    await broker.consume(
      topic,
      async ({ messages }) => messages.map(({ key }) => (key === 'b' ? dead('broken JSON') : done())),
      { bury },
    );
    const letters: Message[] = [];
    await broker.consume(failed, async ({ messages }) => {
      letters.push(...messages);
      return messages.map(() => done());
    });
    await eventually(() => letters.length > 0);
    await eventually(async () => (await broker.committed(topic)).get(0) === 3);
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ key: 'b', value: bytes });
    expect(letters[0]!.headers).toEqual({
      traceparent: '00-x',
      topic,
      partition: '0',
      offset: '1',
      stage: 'transform',
      class: 'permanent',
      reason: 'broken JSON',
      attempt: '1',
      app: 'transformer',
      version: '1.2.3',
    });
  });

  it('refuses a topic whose partition count is not the declared one', async () => {
    const name = await broker.newTopic(2);
    const spec: TopicSpec = { name, partitions: 3, config: {}, schema: null, isPublic: false };
    await expect(ensureTopics(broker.kafka, [spec], { factor: 1, minIsr: 1 })).rejects.toThrow(
      /has 2 partitions instead of 3/,
    );
  });

  it('reads how durable topics really are', async () => {
    const topic = await broker.newTopic(2);
    const [found] = await readDurability(broker.kafka, [topic]);
    expect(found).toEqual({ topic, replicas: 1, minInsync: 1 });
    expect(isDurable(found!)).toBe(false);
  });
});
