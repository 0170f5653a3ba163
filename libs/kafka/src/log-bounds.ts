import { Failure } from '@tributary/contracts';
import { translateKafkaError, type KafkaClient } from './client.ts';

export interface LogBounds {
  /** First offset that is still there. */
  readonly low: number;
  /** The offset that the next message will get. */
  readonly high: number;
}

/**
 * Where a partition starts: the stored position where it lies in the log.
 * Below the log's start the messages are gone and work goes on at the start; above the end the position belongs to another log.
 */
export function startAt(
  position: number | null,
  { low, high }: LogBounds,
  place: string,
): { start: number; lost: number } {
  if (position === null) return { start: low, lost: 0 };
  if (position > high) {
    throw new Failure(
      'misconfigured',
      `the stored position ${position} of ${place} lies above the end of its log (${high}): the topic was made anew or the database belongs to another Kafka. ` +
        'Point the service at the Kafka of this database, or reset the positions of this topic.',
    );
  }
  return position < low ? { start: low, lost: low - position } : { start: position, lost: 0 };
}

/** Bounds of a partition; partitions of one topic that ask at the same time share one request. */
export function createLogBounds({ kafka }: KafkaClient): (topic: string, partition: number) => Promise<LogBounds> {
  const asked = new Map<string, Promise<ReadonlyMap<number, LogBounds>>>();

  async function fetchTopic(topic: string): Promise<ReadonlyMap<number, LogBounds>> {
    const admin = kafka.admin({ retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 3 } });
    try {
      await admin.connect();
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
    } catch (error) {
      throw translateKafkaError(error, `asking for the offsets of ${topic}`);
    } finally {
      await admin.disconnect();
    }
  }

  return async (topic, partition) => {
    let answer = asked.get(topic);
    if (!answer) {
      answer = fetchTopic(topic).finally(() => asked.delete(topic));
      asked.set(topic, answer);
    }
    const bounds = (await answer).get(partition);
    if (!bounds) throw new Failure('unavailable', `Kafka does not name partition ${partition} of ${topic}`);
    return bounds;
  };
}
