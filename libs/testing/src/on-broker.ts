import { randomUUID } from 'node:crypto';
import type { TopicSpec } from '@tributary/contracts';
import {
  createBurier,
  createConsumer,
  createKafka,
  createProducer,
  ensureTopics,
  type BatchHandler,
  type Consumer,
  type ConsumerOptions,
  type KafkaClient,
  type Producer,
} from '@tributary/kafka';
import { eventually } from './eventually.ts';
import { useStack, type TestStack } from './stack.ts';

/** Enough names to meet every partition of the broker's own topic of groups. */
const MANY_GROUPS = Array.from({ length: 16 }, (_, index) => `any-${index}`);

/** What a suite about the real broker needs; consumers that it started are stopped after each test. Called inside `describe`. */
export class OnBroker {
  stack!: TestStack;
  kafka!: KafkaClient;
  producer!: Producer;
  readonly #running: Consumer[] = [];

  constructor(clientId: string) {
    beforeAll(async () => {
      this.stack = await useStack();
      this.kafka = createKafka({ brokers: this.stack.brokers, clientId });
      this.producer = createProducer(this.kafka);
      // A fresh broker makes the topic of its groups at the first question, and takes a while over each of its partitions.
      await eventually(() => this.#asAdmin((admin) => admin.describeGroups(MANY_GROUPS)), {
        withinMs: 45_000,
        everyMs: 250,
      });
    });
    afterEach(async () => {
      await Promise.all(this.#running.splice(0).map((consumer) => consumer.stop()));
    });
    afterAll(() => this.producer.close());
  }

  async newTopic(partitions = 4, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = `${this.stack.topicPrefix}${randomUUID()}`;
    const spec: TopicSpec = { name, partitions, config, schema: null, isPublic: false };
    await ensureTopics(this.kafka, [spec], { factor: 1, minIsr: 1 });
    return name;
  }

  /** Numbered messages over forty keys. */
  send(topic: string, count: number, from = 0) {
    const numbered = Array.from({ length: count }, (_, index) => ({
      topic,
      key: `k${index % 40}`,
      value: Buffer.from(String(from + index)),
    }));
    return this.producer.send(numbered);
  }

  async consume(topic: string, handle: BatchHandler, options: Partial<ConsumerOptions> = {}): Promise<Consumer> {
    const bury = createBurier(this.producer, { topic: `${topic}.none`, stage: 'write', app: 'spec', version: '1' });
    const consumer = createConsumer(this.kafka, { groupId: topic, topics: [topic], handle, bury, ...options });
    return this.run(consumer);
  }

  /** Starts a consumer that a suite has made by itself, and stops it after the test. */
  async run(consumer: Consumer): Promise<Consumer> {
    this.#running.push(consumer);
    await consumer.start();
    return consumer;
  }

  async committed(topic: string, groupId = topic): Promise<ReadonlyMap<number, number>> {
    const [answer] = await this.#asAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    return new Map(answer!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  async #asAdmin<T>(ask: (admin: ReturnType<KafkaClient['kafka']['admin']>) => Promise<T>): Promise<T> {
    const admin = this.kafka.kafka.admin();
    await admin.connect();
    return ask(admin).finally(() => admin.disconnect());
  }
}
