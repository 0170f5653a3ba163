import { Failure, type RawRef } from '@tributary/contracts';
import { Partitioners, type Message as WireMessage, type Producer as WireProducer } from 'kafkajs';
import { Batcher, type BatcherBounds, type Waiting } from './batcher.ts';
import { isSilence, translateKafkaError, type KafkaClient } from './client.ts';

export interface OutgoingMessage {
  readonly topic: string;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

export interface ProducerBounds extends BatcherBounds {
  /** How often a request is tried again before its callers hear `unavailable`. */
  readonly retries: number;
}

export interface Producer {
  /** Optional: the first send connects as well. Rejects with Failure('unavailable') while Kafka is away. */
  connect(): Promise<void>;
  /** Where each message landed, in input order, once all in-sync replicas have it. */
  send(messages: readonly OutgoingMessage[]): Promise<readonly RawRef[]>;
  /** Sends what waits, then disconnects. */
  close(): Promise<void>;
  readonly waiting: Waiting;
}

const DEFAULTS: ProducerBounds = {
  maxItems: 20_000,
  maxBytes: 32 * 1024 * 1024,
  maxCallers: 10_000,
  requestItems: 1_000,
  requestBytes: 512 * 1024,
  retries: 3,
};

/** Key, lengths and record overhead: enough for a bound. */
const OVERHEAD = 64;

export function createProducer({ kafka }: KafkaClient, bounds: Partial<ProducerBounds> = {}): Producer {
  const limits = { ...DEFAULTS, ...bounds };
  const wire = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: createStickyPartitioner,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: limits.retries },
  });
  const line = new Line(wire);
  const batcher = new Batcher<OutgoingMessage, RawRef>(
    {
      sizeOf: ({ key, value }) => OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0),
      send: (messages) => line.send(messages),
      isAtFault: (error) => !(error instanceof Failure),
    },
    limits,
  );
  return {
    connect: () => line.open(),
    send: (messages) => batcher.send(messages),
    close: async () => {
      await batcher.drained();
      await line.close();
    },
    get waiting() {
      return batcher.waiting;
    },
  };
}

/** The connection of a producer: opened by the first who needs it, and left when it answers nothing any more. */
class Line {
  #opening: Promise<void> | null = null;

  constructor(private readonly wire: WireProducer) {}

  /** After a failed first attempt the next caller tries again; later losses kafkajs mends by itself. */
  open(): Promise<void> {
    return (this.#opening ??= this.wire.connect().catch((error: unknown) => {
      this.#opening = null;
      throw translateKafkaError(error, 'connecting');
    }));
  }

  async send(messages: readonly OutgoingMessage[]): Promise<RawRef[]> {
    await this.open();
    try {
      return await sendOnce(this.wire, messages);
    } catch (error) {
      if (isSilence(error)) await this.#hangUp();
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#opening) await this.wire.disconnect();
  }

  /** kafkajs would ask the silent connection again until the kernel gives it up after many minutes. */
  async #hangUp(): Promise<void> {
    this.#opening = null;
    await this.wire.disconnect().catch(() => undefined);
  }
}

async function sendOnce(wire: WireProducer, messages: readonly OutgoingMessage[]): Promise<RawRef[]> {
  const entries = messages.map(({ topic, key, value, headers }) => ({
    topic,
    message: { key, value, ...(headers ? { headers: { ...headers } } : {}) } as WireMessage,
  }));
  const byTopic = Map.groupBy(entries, ({ topic }) => topic);
  const topicMessages = [...byTopic].map(([topic, list]) => ({ topic, messages: list.map(({ message }) => message) }));
  const answers = await wire.sendBatch({ acks: -1, topicMessages }).catch((error: unknown) => {
    throw translateKafkaError(error, 'sending');
  });
  const next = new Map(
    answers.map((answer) => [`${answer.topicName}:${answer.partition}`, Number(answer.baseOffset ?? '-1')]),
  );
  return entries.map(({ topic, message }) => {
    const place = `${topic}:${message.partition}`;
    const offset = next.get(place) ?? -1;
    // kafkajs skips a partition whose leader moved between its retries to a broker that had already answered.
    if (offset < 0) throw new Failure('unavailable', `Kafka acknowledged nothing for ${place}`);
    next.set(place, offset + 1);
    return { topic, partition: message.partition ?? -1, offset };
  });
}

/** Java's murmur2; the choice stays with the message, so that a retry goes to the same partition and the caller learns it. */
function createStickyPartitioner(): ReturnType<typeof Partitioners.DefaultPartitioner> {
  const choose = Partitioners.DefaultPartitioner();
  return (args) => (args.message.partition ??= choose(args));
}
