import type { Outcome } from '@tributary/contracts';
import { backOffMs } from './back-off.ts';
import { judge } from './judge.ts';
import type { Batch, BatchHandler, KafkaLog, Message } from './message.ts';
import { settle, type SettlePorts } from './settle.ts';

export interface LanePorts extends SettlePorts {
  readonly handle: BatchHandler;
  readonly log: KafkaLog;
  /** The queue is full, or has room again. */
  pause(): void;
  resume(): void;
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Somebody else owns the work: start over at the stored position. */
  onFenced(): void;
}

export interface LaneBounds {
  readonly maxBatch: number;
  readonly maxQueued: number;
}

/**
 * The work of one partition in one generation: one unit in flight, all that arrived meanwhile is the next, in offset order.
 * So the contiguous high mark is simply where the last settled unit ended. A lane that was dropped has no effect any more.
 */
export class Lane {
  #queue: Message[] = [];
  #work: Promise<void> | null = null;
  #isPaused = false;
  #isClosing = false;
  #isLost = false;
  readonly #halt = new AbortController();
  /** Where the next fetch must begin, or below; null while any is right (Kafka decides) or none is (see `isOpen`). */
  next: number | null = null;
  /** All below is settled; null as long as nothing is known. */
  mark: number | null = null;
  /** Takes nothing before it was told where to start. */
  isOpen = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly ports: LanePorts,
    private readonly bounds: LaneBounds,
  ) {}

  get isCurrent(): boolean {
    return !this.#isLost;
  }

  get halted(): AbortSignal {
    return this.#halt.signal;
  }

  /** Null: wherever the group's committed offset is. */
  open(start: number | null): void {
    this.next = start;
    this.mark = start;
    this.isOpen = true;
  }

  /** `next` is where the following fetch will begin; it may lie above the last message (compaction). */
  offer(messages: readonly Message[], next: number): void {
    if (this.#isLost || this.#isClosing) return;
    for (const message of messages) this.#queue.push(message);
    this.next = next;
    if (this.#queue.length >= this.bounds.maxQueued && !this.#isPaused) {
      this.#isPaused = true;
      this.ports.pause();
    }
    if (this.#queue.length > 0) this.#work ??= this.#run();
    else if (!this.#work) this.mark = next;
  }

  /** Finishes the unit in flight and begins no other. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#halt.abort();
    await this.#work;
  }

  /** The partition is lost: what is in flight may end, its outcomes are nobody's. */
  drop(): void {
    this.#isLost = true;
    this.#halt.abort();
    this.#queue = [];
  }

  async #run(): Promise<void> {
    // Messages of the same fetch tick travel together.
    await Promise.resolve();
    while (this.#queue.length > 0 && !this.#halt.signal.aborted) {
      const last = await this.#settleUnit();
      if (last === null || this.#isLost) break;
      this.mark = this.#queue.length > 0 ? last.offset + 1 : this.next;
      if (this.#isPaused && this.#queue.length <= this.bounds.maxQueued / 2) {
        this.#isPaused = false;
        this.ports.resume();
      }
    }
    this.#work = null;
  }

  /** Asks until the unit is settled. What arrives while waiting joins it: a neighbour may tell a poison record from an outage. */
  async #settleUnit(): Promise<Message | null> {
    const unit: Message[] = [];
    for (let attempt = 0; !this.#halt.signal.aborted; attempt += 1) {
      unit.push(...this.#queue.splice(0, this.bounds.maxBatch - unit.length));
      const verdict = await judge(this.#batchOf(unit), this.ports.handle);
      if (this.#isLost) return null;
      switch (verdict.kind) {
        case 'settle':
          return (await this.#settleAll(unit, verdict.outcomes)) ? unit.at(-1)! : null;
        case 'fenced':
          this.drop();
          this.ports.onFenced();
          return null;
        case 'again':
          await this.#pauseFor(attempt, 'partition paused', unit[0]!, verdict.cause);
      }
    }
    return null;
  }

  #batchOf(unit: readonly Message[]): Batch {
    return { topic: this.topic, partition: this.partition, messages: unit, isCurrent: () => !this.#isLost };
  }

  /** False when the lane was halted before the last dead letter was acknowledged. */
  async #settleAll(unit: readonly Message[], outcomes: readonly Outcome[]): Promise<boolean> {
    for (const [index, message] of unit.entries()) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          await settle(message, outcomes[index]!, this.ports);
          break;
        } catch (error) {
          await this.#pauseFor(attempt, 'dead letter not accepted', message, error);
          if (this.#halt.signal.aborted) return false;
        }
      }
    }
    return true;
  }

  async #pauseFor(attempt: number, text: string, { topic, partition, offset }: Message, cause: unknown): Promise<void> {
    const afterMs = backOffMs(attempt);
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.ports.log('warn', text, { topic, partition, offset, attempt: attempt + 1, afterMs, reason });
    await this.ports.wait(afterMs, this.#halt.signal);
  }
}
