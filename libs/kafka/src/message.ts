import type { DeadClass, Outcome } from '@tributary/contracts';

/** One record as Kafka holds it; offsets and times are numbers (below 2^53). */
export interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds, as Kafka gives it. */
  readonly timestamp: number;
}

/** Messages of one partition in offset order; offsets may have holes (compaction). */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly Message[];
  /** False once the partition was lost: effects must not begin any more, and the outcomes will be dropped. */
  isCurrent(): boolean;
}

/**
 * One Outcome per message, in the same order.
 * Throw Failure('unavailable') to pause the partition and be asked again, Failure('fenced') to start over at the stored position.
 */
export type BatchHandler = (batch: Batch) => Promise<readonly Outcome[]>;
export type MessageHandler = (message: Message) => Promise<Outcome>;
export type Bury = (message: Message, reason: string, deadClass: DeadClass) => Promise<void>;

/** What libs log: rare events only, never a line on the normal path. */
export type KafkaLog = (
  level: 'info' | 'warn' | 'error',
  text: string,
  fields: Readonly<Record<string, unknown>>,
) => void;
