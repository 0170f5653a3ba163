import { randomUUID } from 'node:crypto';
import { Failure, isFailure, type RawRef } from '@tributary/contracts';
import type { Consumer as WireConsumer, EachBatchPayload } from 'kafkajs';
import { translateKafkaError, type KafkaClient } from './client.ts';
import { toMessage } from './consumer.ts';
import { createLogBounds } from './log-bounds.ts';
import type { Message } from './message.ts';

export interface ReadOptions {
  /** The reader joins a group of its own below this name, commits nothing and leaves. */
  readonly groupId: string;
  readonly withinMs?: number;
}

const WITHIN_MS = 15_000;
const partitionOf = ({ topic, partition }: Omit<RawRef, 'offset'>) => `${topic}:${partition}`;
const nameOf = (place: RawRef) => `${partitionOf(place)}:${place.offset}`;

/** The messages at these places, in their order; null where the log does not hold one any more. */
export async function readAt(
  client: KafkaClient,
  places: readonly RawRef[],
  options: ReadOptions,
): Promise<readonly (Message | null)[]> {
  const found = new Map<string, Message>();
  const held = await heldPlaces(client, places);
  if (held.length > 0) await new Reader(client, held, found, options).read();
  return places.map((place) => found.get(nameOf(place)) ?? null);
}

/** A reader would wait in vain for what has expired or was never there. */
async function heldPlaces(client: KafkaClient, places: readonly RawRef[]): Promise<readonly RawRef[]> {
  const bounds = createLogBounds(client);
  const inLog = await Promise.all(
    places.map(async ({ topic, partition, offset }) => {
      const { low, high } = await bounds(topic, partition);
      return low <= offset && offset < high;
    }),
  );
  return places.filter((_, index) => inLog[index]);
}

/** kafkajs fetches only in a group; this one has a single member, which jumps from place to place. */
class Reader {
  readonly #wire: WireConsumer;
  /** Offsets still to be seen, in rising order. */
  readonly #left: Map<string, readonly number[]>;
  readonly #topics: string[];
  readonly #end = Promise.withResolvers<void>();

  constructor(
    client: KafkaClient,
    places: readonly RawRef[],
    private readonly found: Map<string, Message>,
    private readonly options: ReadOptions,
  ) {
    this.#wire = client.kafka.consumer({
      groupId: `${options.groupId}.${randomUUID()}`,
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 },
    });
    this.#topics = [...new Set(places.map(({ topic }) => topic))];
    this.#left = new Map(
      [...Map.groupBy(places, partitionOf)].map(([name, list]) => [
        name,
        list.map(({ offset }) => offset).toSorted((a, b) => a - b),
      ]),
    );
  }

  async read(): Promise<void> {
    const { withinMs = WITHIN_MS } = this.options;
    const late = () => this.#end.reject(new Failure('unavailable', `Kafka gave no answer within ${withinMs} ms`));
    const timer = setTimeout(late, withinMs);
    try {
      await Promise.race([this.#end.promise, this.#run()]);
      await this.#end.promise;
    } catch (error) {
      throw isFailure(error) ? error : translateKafkaError(error, 'reading single messages');
    } finally {
      clearTimeout(timer);
      await this.#wire.disconnect();
    }
  }

  async #run(): Promise<void> {
    const { GROUP_JOIN, CRASH } = this.#wire.events;
    // Before the first fetch: kafkajs emits synchronously.
    this.#wire.on(GROUP_JOIN, ({ payload }) => {
      for (const [topic, partitions] of Object.entries(payload.memberAssignment))
        for (const partition of partitions) this.#goOn(topic, partition);
    });
    this.#wire.on(CRASH, ({ payload }) => this.#end.reject(payload.error));
    await this.#wire.connect();
    await this.#wire.subscribe({ topics: this.#topics, fromBeginning: true });
    await this.#wire.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => this.#take(payload),
    });
  }

  #goOn(topic: string, partition: number): void {
    const next = this.#left.get(partitionOf({ topic, partition }))?.[0];
    if (next === undefined) this.#wire.pause([{ topic, partitions: [partition] }]);
    else this.#wire.seek({ topic, partition, offset: String(next) });
  }

  #take({ batch }: EachBatchPayload): void {
    const { topic, partition } = batch;
    const name = partitionOf({ topic, partition });
    const wanted = this.#left.get(name) ?? [];
    for (const message of batch.messages.map((wire) => toMessage(topic, partition, wire)))
      if (wanted.includes(message.offset)) this.found.set(nameOf(message), message);
    const rest = wanted.filter((offset) => offset > Number(batch.lastOffset()));
    if (rest.length > 0) this.#left.set(name, rest);
    else this.#left.delete(name);
    this.#goOn(topic, partition);
    if (this.#left.size === 0) this.#end.resolve();
  }
}
