import { randomUUID } from 'node:crypto';
import { topicNames, topicTable, type NormalizedRecord, type TopicSpec } from '@tributary/contracts';
import {
  createCodec,
  createConsumer,
  createKafka,
  createProducer,
  ensureTopics,
  oneByOne,
  type Message,
} from '@tributary/kafka';
import { createPool, readPosition, storeTopic } from '@tributary/postgres';
import { eventually, useStack } from '@tributary/testing';
import { expectOutcome } from './order-proof.check.ts';
import { eventOf, interleaved, permutations, randomOf, SETS } from './order-proof.sets.ts';
import { createWriteHandler } from './write.handler.ts';

const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_121);
const CONSUMER = 'spec.writer';

/** Ids as a registry would give them. */
const schemaRow = ({ name, schema }: TopicSpec, index: number) => ({
  subject: `${name}-value`,
  id: index + 1,
  schema: JSON.stringify(schema),
});

/** The orders once more, a few hundred of them, with everything real: broker, frame, consumer loop, the compacted topic itself. */
describe('any order of events on a real compacted topic', () => {
  const closing: (() => Promise<void>)[] = [];

  afterAll(async () => {
    for (const close of closing) await close();
  });

  it.each(Object.keys(SETS))(
    'gives the same row, history and topic: a vendor %s',
    async (name) => {
      const { told, expected } = SETS[name]!;
      const stack = await useStack();
      const database = await stack.newDatabase();
      const topics = topicNames(`${stack.topicPrefix}${name.replaceAll(' ', '-')}.`);
      const topic = topics.normalized('conversation');
      const specs = topicTable(topics, ['acme'], ['conversation']).filter((spec) =>
        [topic, topics.commands('acme')].includes(spec.name),
      );
      const kafka = createKafka({ brokers: stack.brokers, clientId: 'spec' });
      await ensureTopics(kafka, specs, { factor: 1, minIsr: 1 });
      const codec = createCodec(specs.map(schemaRow), specs);
      const admin = createPool(database.urlFor('tributary_admin'), { max: 1, applicationName: 'spec' });
      await storeTopic(admin, { name: topic, incarnation: randomUUID(), clusterId: 'spec' });
      const pool = createPool(database.urlFor('tributary_writer'), { max: 6, applicationName: 'spec' });
      const producer = createProducer(kafka);
      const brokers = kafka.kafka.admin();
      await brokers.connect();
      closing.push(
        () => producer.close(),
        () => pool.end(),
        () => admin.end(),
        () => brokers.disconnect(),
      );

      const random = randomOf(SEED);
      const orders = [...permutations(told)].filter(() => random(200) === 0);
      const objects = orders.map((order, index) => order.map((one) => eventOf(`${name}:${index}`, one)));

      const write = createWriteHandler({
        pool,
        consumer: CONSUMER,
        topics,
        decode: codec.decode,
        encode: codec.encode,
        send: producer.send,
        newId: randomUUID,
        now: () => 0,
        count: () => undefined,
      });
      const bury = async (_message: Message, reason: string) => Promise.reject(new Error(reason));
      const writer = createConsumer(kafka, {
        groupId: `${stack.topicPrefix}writer`,
        topics: [topic],
        handle: write,
        bury,
        positions: { next: (of, partition) => readPosition(pool, { consumer: CONSUMER, topic: of, partition }) },
        maxBatch: 200,
      });
      const seen = new Map<string, NormalizedRecord[]>();
      const isSeen = new Set<string>();
      const collect = oneByOne(async ({ partition, offset, key, value }) => {
        if (!isSeen.has(`${partition}:${offset}`))
          seen.set(key!, [...(seen.get(key!) ?? []), codec.decode<NormalizedRecord>(topic, value!)]);
        isSeen.add(`${partition}:${offset}`);
        return { kind: 'done' };
      });
      const reader = createConsumer(kafka, {
        groupId: `${stack.topicPrefix}reader`,
        topics: [topic],
        handle: collect,
        bury,
      });
      closing.unshift(
        () => writer.stop(),
        () => reader.stop(),
      );
      await Promise.all([writer.start(), reader.start()]);

      for (const event of interleaved(objects, random)) {
        // Not awaited one by one: the batcher keeps the order, and the writer reads while the rest is still on its way.
        void producer.send([{ topic, key: event.id, value: codec.encode(topic, event) }]);
      }
      const sent = objects.length * told.length;
      await eventually(
        async () => {
          const ends = await brokers.fetchTopicOffsets(topic);
          const positions = await Promise.all(
            ends.map(({ partition, high }) =>
              readPosition(pool, { consumer: CONSUMER, topic, partition }).then((next) => (next ?? 0) === Number(high)),
            ),
          );
          const total = ends.reduce((sum, { high }) => sum + Number(high), 0);
          return total > sent && isSeen.size === total && positions.every(Boolean);
        },
        { withinMs: 60_000, everyMs: 100 },
      );

      const played = objects.map((events, index) => ({
        id: events[0]!.id,
        order: orders[index]!,
        values: seen.get(events[0]!.id) ?? [],
      }));
      await expectOutcome(pool, played, expected);
    },
    90_000,
  );
});
