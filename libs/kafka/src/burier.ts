import type { Stage } from '@tributary/contracts';
import type { Bury } from './message.ts';
import type { Producer } from './producer.ts';

export interface BurierOptions {
  /** The stage's `failed` topic. */
  readonly topic: string;
  readonly stage: Stage;
  readonly app: string;
  readonly version: string;
}

const REASON_LENGTH = 1_000;

/** A dead letter: the original bytes under the original key; where it was and why stand in the headers. */
export function createBurier(producer: Producer, { topic, stage, app, version }: BurierOptions): Bury {
  return async function bury(message, reason, deadClass) {
    await producer.send([
      {
        topic,
        key: message.key,
        value: message.value,
        headers: {
          ...message.headers,
          topic: message.topic,
          partition: String(message.partition),
          offset: String(message.offset),
          stage,
          class: deadClass,
          reason: reason.slice(0, REASON_LENGTH),
          attempt: message.headers['attempt'] ?? '1',
          app,
          version,
        },
      },
    ]);
  };
}
