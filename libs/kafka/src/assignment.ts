import { isFailure } from '@tributary/contracts';
import { backOffMs, waitFor } from './back-off.ts';
import { Lane, type LaneBounds, type LanePorts } from './lane.ts';
import { startAt, type LogBounds } from './log-bounds.ts';
import type { BatchHandler, Bury, KafkaLog, Message } from './message.ts';
import type { SettlePorts } from './settle.ts';

/** Where to start when the database, not Kafka, decides. */
export interface PositionStore {
  /** The next offset to take; null: from the beginning. */
  next(topic: string, partition: number): Promise<number | null>;
}

export interface AssignmentPorts {
  readonly handle: BatchHandler;
  readonly bury: Bury;
  readonly onSettled?: SettlePorts['onSettled'];
  readonly positions?: PositionStore | undefined;
  readonly log: KafkaLog;
  bounds(topic: string, partition: number): Promise<LogBounds>;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  seek(topic: string, partition: number, offset: number): void;
  /** A person must act; the sentence says what. */
  onFatal(error: Error): void;
}

export interface Fetch {
  readonly topic: string;
  readonly partition: number;
  /** Where the fetch began. */
  readonly from: number;
  /** Where the next one will begin. */
  readonly next: number;
  readonly highWatermark: number;
  readonly messages: readonly Message[];
}

export type Assigned = ReadonlyMap<string, readonly number[]>;

const place = (topic: string, partition: number) => `${topic}:${partition}`;

/** The lanes of the current generation. Each rebalance makes new ones; nothing of an old generation is used again but its mark. */
export class Assignment {
  #lanes = new Map<string, Lane>();

  constructor(
    private readonly ports: AssignmentPorts,
    private readonly bounds: LaneBounds,
  ) {}

  get lanes(): Iterable<Lane> {
    return this.#lanes.values();
  }

  /** Called synchronously when the group has been joined, before the first fetch of the new generation. */
  replace(assigned: Assigned): void {
    const before = this.#lanes;
    this.#lanes = new Map();
    for (const lane of before.values()) lane.drop();
    for (const [topic, partitions] of assigned) {
      for (const partition of partitions)
        this.#begin(topic, partition, before.get(place(topic, partition))?.mark ?? null);
    }
  }

  /** True when the messages were taken over (or are below what was taken): the fetch may move on. */
  take(fetch: Fetch): boolean {
    const lane = this.#lanes.get(place(fetch.topic, fetch.partition));
    if (!lane?.isOpen || !lane.isCurrent) return false;
    const { next } = lane;
    if (next !== null && (fetch.from > next || fetch.highWatermark < next)) {
      this.#startOver(lane, `a fetch began at ${fetch.from} where ${next} was due`);
      return false;
    }
    const wanted =
      next === null || fetch.from === next ? fetch.messages : fetch.messages.filter(({ offset }) => offset >= next);
    if (next === null) lane.open(fetch.from);
    lane.offer(wanted, Math.max(fetch.next, next ?? 0));
    return true;
  }

  /** kafkajs passes over fetches that hold nothing but control records or compacted messages without asking us. */
  skip(topic: string, partition: number, next: number): void {
    const lane = this.#lanes.get(place(topic, partition));
    if (lane?.isOpen && lane.next !== null && next > lane.next) lane.offer([], next);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }

  #begin(topic: string, partition: number, ownMark: number | null): void {
    const lane: Lane = new Lane(
      topic,
      partition,
      this.#lanePorts(topic, partition, () => lane),
      this.bounds,
    );
    this.#lanes.set(place(topic, partition), lane);
    if (this.ports.positions || ownMark !== null) {
      this.ports.pause(topic, partition);
      void this.#align(lane, ownMark);
    } else {
      this.ports.resume(topic, partition);
      lane.open(null);
    }
  }

  #lanePorts(topic: string, partition: number, lane: () => Lane): LanePorts {
    const { handle, bury, onSettled, log } = this.ports;
    return {
      handle,
      bury,
      onSettled,
      log,
      pause: () => this.ports.pause(topic, partition),
      resume: () => lane().isCurrent && this.ports.resume(topic, partition),
      wait: waitFor,
      onFenced: () => this.#startOver(lane(), 'the work is fenced'),
    };
  }

  #startOver(lane: Lane, reason: string): void {
    const { topic, partition, mark } = lane;
    this.ports.log('warn', 'partition starts over', { topic, partition, mark, reason });
    lane.drop();
    if (this.#lanes.get(place(topic, partition)) === lane) this.#begin(topic, partition, mark);
  }

  /** The partition stays paused until its start is known to lie in the log. */
  async #align(lane: Lane, ownMark: number | null): Promise<void> {
    const { topic, partition } = lane;
    for (let attempt = 0; lane.isCurrent && !lane.halted.aborted; attempt += 1) {
      try {
        const start = await this.#startOf(lane, ownMark);
        if (!lane.isCurrent) return;
        this.ports.seek(topic, partition, start);
        lane.open(start);
        this.ports.resume(topic, partition);
        return;
      } catch (error) {
        if (isFailure(error, 'misconfigured')) return this.ports.onFatal(error);
        const reason = error instanceof Error ? error.message : String(error);
        this.ports.log('warn', 'partition waits for its position', { topic, partition, reason });
        await waitFor(backOffMs(attempt), lane.halted);
      }
    }
  }

  async #startOf({ topic, partition }: Lane, ownMark: number | null): Promise<number> {
    const { positions, bounds, log } = this.ports;
    const position = positions ? await positions.next(topic, partition) : ownMark;
    const limits = await bounds(topic, partition);
    if (!positions && ownMark !== null && ownMark > limits.high) {
      // Without a stored position there is nothing that could disagree with the new log: it is read from its start.
      log('error', 'topic was made anew, starting at its beginning', { topic, partition, position, ...limits });
      return limits.low;
    }
    const { start, lost } = startAt(position, limits, place(topic, partition));
    if (lost > 0) log('error', 'hole: messages expired before they were read', { topic, partition, position, lost });
    return start;
  }
}
