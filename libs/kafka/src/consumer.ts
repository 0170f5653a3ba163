import type { Outcome } from '@tributary/contracts';
import type { Consumer as WireConsumer, ConsumerCrashEvent, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { Assignment, type Assigned, type PositionStore } from './assignment.ts';
import { backOffMs, waitFor } from './back-off.ts';
import type { KafkaClient } from './client.ts';
import { createLogBounds } from './log-bounds.ts';
import type { BatchHandler, Bury, KafkaLog, Message } from './message.ts';

export interface ConsumerOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly handle: BatchHandler;
  readonly bury: Bury;
  /** Where the database decides where to start; what is committed to Kafka is then only for lag. */
  readonly positions?: PositionStore;
  /** Messages in one call of the handler (500). */
  readonly maxBatch?: number;
  /** Messages that may wait in one partition before its fetching pauses (2,000). */
  readonly maxQueued?: number;
  readonly sessionTimeoutMs?: number;
  onSettled?(message: Message, outcome: Outcome): void;
  /** The consumer has stopped for good and says why; a person must act. */
  onFatal?(error: Error): void;
}

export interface Consumer {
  /** Resolves when the consumer is under way; it goes on trying while Kafka is away. */
  start(): Promise<void>;
  /** Takes nothing more, finishes what is in flight, commits, leaves the group. */
  stop(): Promise<void>;
  assigned(): Assigned;
  /** Told at every change, with an empty map when everything is lost. */
  onAssigned(listener: (assigned: Assigned) => void): void;
  readonly healthy: boolean;
}

const COMMIT_EVERY_MS = 200;
/** A consumer that has not completed a fetch for this long is not healthy. */
const STALE_AFTER_MS = 10_000;
const PARTITIONS_AT_ONCE = 64;

type Types = ReturnType<KafkaClient['kafka']['consumer']>['events'];
/** The declarations of kafkajs leave this field out; consumer.it.spec.ts depends on it. */
type FetchedBatch = EachBatchPayload['batch'] & { readonly fetchedOffset: string };

export function createConsumer(client: KafkaClient, options: ConsumerOptions): Consumer {
  return new GroupConsumer(client, options);
}

class GroupConsumer implements Consumer {
  readonly #wire: WireConsumer;
  readonly #log: KafkaLog;
  readonly #assignment: Assignment;
  readonly #listeners: ((assigned: Assigned) => void)[] = [];
  readonly #committed = new Map<string, number>();
  readonly #halt = new AbortController();
  #assigned: Assigned = new Map();
  #lastFetchAt = 0;
  /** In a row, without a fetch between them. */
  #crashes = 0;
  #isFatal = false;
  #committing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #launching: Promise<void> | null = null;

  constructor(
    client: KafkaClient,
    private readonly options: ConsumerOptions,
  ) {
    this.#log = client.log;
    this.#wire = client.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs ?? 6_000,
      heartbeatInterval: Math.round((options.sessionTimeoutMs ?? 6_000) / 6),
      rebalanceTimeout: 10_000,
      // Heartbeats, seeks and resumed partitions wait for the fetch in flight; four empty ones a second keep an idle service below 1 % of a core.
      maxWaitTimeInMs: 250,
      maxBytes: 4 * 1024 * 1024,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
    });
    this.#assignment = this.#createAssignment(client);
    this.#listen(this.#wire.events);
  }

  get healthy(): boolean {
    return !this.#isFatal && this.#lastFetchAt > 0 && performance.now() - this.#lastFetchAt < STALE_AFTER_MS;
  }

  assigned = () => this.#assigned;
  onAssigned = (listener: (assigned: Assigned) => void) => void this.#listeners.push(listener);

  async start(): Promise<void> {
    const commit = () => this.#commit().finally(() => (this.#committing = null));
    this.#timer = setInterval(() => (this.#committing ??= commit()), COMMIT_EVERY_MS);
    this.#launching ??= this.#launch();
  }

  async stop(): Promise<void> {
    if (this.#halt.signal.aborted) return;
    this.#halt.abort();
    clearInterval(this.#timer);
    for (const [topic, partitions] of this.#assigned)
      this.#guard(() => this.#wire.pause([{ topic, partitions: [...partitions] }]));
    await this.#assignment.close();
    await this.#committing;
    await this.#commit();
    await this.#launching;
    await this.#wire.disconnect();
    this.#replace(new Map());
  }

  #createAssignment(client: KafkaClient): Assignment {
    const { handle, bury, onSettled, positions, maxBatch = 500, maxQueued = 2_000 } = this.options;
    return new Assignment(
      {
        handle,
        bury,
        onSettled,
        positions,
        log: client.log,
        bounds: createLogBounds(client),
        pause: (topic, partition) => this.#guard(() => this.#wire.pause([{ topic, partitions: [partition] }])),
        resume: (topic, partition) => this.#guard(() => this.#wire.resume([{ topic, partitions: [partition] }])),
        seek: (topic, partition, offset) =>
          this.#guard(() => this.#wire.seek({ topic, partition, offset: String(offset) })),
        onFatal: (error) => this.#stopFor(error),
      },
      { maxBatch, maxQueued },
    );
  }

  /** kafkajs refuses these between a crash and its restart; the next join sets them all again. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#log('info', 'consumer is between two runs', { reason: (error as Error).message });
    }
  }

  #listen(events: Types): void {
    // kafkajs emits synchronously and before the first fetch of the new generation: a listener that awaited would come too late.
    this.#wire.on(events.GROUP_JOIN, ({ payload }) => {
      this.#lastFetchAt = performance.now();
      this.#replace(new Map(Object.entries(payload.memberAssignment)));
    });
    this.#wire.on(events.FETCH, () => {
      this.#lastFetchAt = performance.now();
      this.#crashes = 0;
    });
    this.#wire.on(events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0 && payload.lastOffset) {
        this.#assignment.skip(payload.topic, payload.partition, Number(payload.lastOffset) + 1);
      }
    });
    this.#wire.on(events.CRASH, ({ payload }) => this.#onCrash(payload));
  }

  #onCrash({ error, restart }: ConsumerCrashEvent['payload']): void {
    this.#lastFetchAt = 0;
    this.#replace(new Map());
    this.#log('warn', 'consumer lost Kafka, starting again', { groupId: this.options.groupId, reason: error.message });
    if (!restart && !this.#halt.signal.aborted) this.#launching = this.#launchAgain();
  }

  #replace(assigned: Assigned): void {
    this.#assigned = assigned;
    this.#committed.clear();
    this.#assignment.replace(assigned);
    for (const listener of this.#listeners) listener(assigned);
  }

  /** A fault that kafkajs does not repeat by itself may be there again at once: each crash in a row waits longer. */
  async #launchAgain(): Promise<void> {
    await waitFor(backOffMs((this.#crashes += 1)), this.#halt.signal);
    await this.#launch();
  }

  async #launch(): Promise<void> {
    for (let attempt = 0; !this.#halt.signal.aborted; attempt += 1) {
      try {
        await this.#wire.connect();
        await this.#wire.subscribe({ topics: [...this.options.topics], fromBeginning: true });
        await this.#wire.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
          eachBatch: (payload) => this.#take(payload),
        });
        return;
      } catch (error) {
        this.#log('warn', 'consumer cannot start yet', {
          groupId: this.options.groupId,
          reason: (error as Error).message,
        });
        await waitFor(backOffMs(attempt), this.#halt.signal);
      }
    }
  }

  async #take({ batch, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    if (this.#halt.signal.aborted || isStale()) return;
    const { topic, partition, messages, highWatermark } = batch;
    const lastOffset = messages.at(-1)!.offset;
    const isTaken = this.#assignment.take({
      topic,
      partition,
      from: Number((batch as FetchedBatch).fetchedOffset),
      next: Number(batch.lastOffset()) + 1,
      highWatermark: Number(highWatermark),
      messages: messages.map((message) => toMessage(topic, partition, message)),
    });
    // Without this the same batch would be fetched again.
    if (isTaken) resolveOffset(lastOffset);
  }

  async #commit(): Promise<void> {
    try {
      const moved = [...this.#assignment.lanes].flatMap(({ topic, partition, mark }) => {
        const known = this.#committed.get(`${topic}:${partition}`);
        return mark === null || mark === known ? [] : [{ topic, partition, mark }];
      });
      if (moved.length > 0) {
        await this.#wire.commitOffsets(
          moved.map(({ topic, partition, mark }) => ({ topic, partition, offset: String(mark) })),
        );
        for (const { topic, partition, mark } of moved) this.#committed.set(`${topic}:${partition}`, mark);
      }
    } catch (error) {
      // A later commit covers it; a lost generation is fenced by the broker.
      this.#log('info', 'offsets not committed', { groupId: this.options.groupId, reason: (error as Error).message });
    }
  }

  #stopFor(error: Error): void {
    this.#isFatal = true;
    this.#log('error', error.message, { groupId: this.options.groupId });
    void this.stop().finally(() => this.options.onFatal?.(error));
  }
}

export function toMessage(
  topic: string,
  partition: number,
  { offset, key, value, headers, timestamp }: KafkaMessage,
): Message {
  return {
    topic,
    partition,
    offset: Number(offset),
    key: key === null ? null : key.toString(),
    value,
    headers: readHeaders(headers),
    timestamp: Number(timestamp),
  };
}

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

function readHeaders(headers: KafkaMessage['headers']): Readonly<Record<string, string>> {
  const names = headers ? Object.keys(headers) : [];
  if (names.length === 0) return NO_HEADERS;
  return Object.fromEntries(names.map((name) => [name, [headers![name]].flat().join(',')]));
}
