import { NO_ORGANIZATION, Failure } from '@tributary/contracts';
import { postgresUrl } from '@tributary/embedded';
import { createCodec, createKafka, readAt, type Codec, type Message } from '@tributary/kafka';
import { createPool, readSchemas } from '@tributary/postgres';
import { deadLetters, openControlPlane, type DeadLetter, type DeadLetters } from '@tributary/postgres/control-plane';
import { DEMO_ORGANIZATION } from './demo.ts';
import { installationAt, secretsOf } from './installation.ts';
import { topicSpecs } from './install.ts';
import { portsFrom } from './ports.ts';
import { isUp, readState } from './state.ts';
import type { Options } from './verb.ts';

/** Where an operator sits: the index in Postgres, and the bytes on Kafka. */
export interface LetterDesk {
  readonly letters: DeadLetters;
  /** Null where the bytes are gone. */
  message(letter: DeadLetter): Promise<Message | null>;
  codec(): Promise<Codec>;
}

const NAME = 'tributary dead-letters';

export async function atDesk<T>(options: Options, work: (desk: LetterDesk) => Promise<T>): Promise<T> {
  const installation = installationAt(options.data as string | undefined);
  const state = readState(installation);
  if (!isUp(state)) throw new Failure('unavailable', 'Tributary is not running: `tributary up` starts it.');
  const { tributary_admin: password } = secretsOf(installation).serviceLogins;
  const url = postgresUrl(portsFrom(state.portBase).stack.postgres, 'tributary_admin', password);
  const plane = await openControlPlane(url, NAME);
  try {
    return await work({
      letters: deadLetters(plane, [DEMO_ORGANIZATION, NO_ORGANIZATION]),
      message: (letter) => messageOf(letter, [state.urls.kafka!]),
      codec: () => codecFrom(url),
    });
  } finally {
    await plane.close();
  }
}

async function messageOf(letter: DeadLetter, brokers: readonly string[]): Promise<Message | null> {
  const { letterTopic: topic, letterPartition: partition, letterOffset: offset } = letter;
  const kafka = createKafka({ brokers, clientId: 'tributary-cli' });
  const [message] = await readAt(kafka, [{ topic, partition, offset }], { groupId: 'tributary.cli' });
  return message ?? null;
}

async function codecFrom(url: string): Promise<Codec> {
  const pool = createPool(url, { max: 1, applicationName: NAME });
  try {
    return createCodec(await readSchemas(pool), topicSpecs());
  } finally {
    await pool.end();
  }
}
