import { done, filtered, NO_ORGANIZATION, type Outcome } from '@tributary/contracts';
import { readLetter, type Batch, type BatchHandler, type Codec, type Letter, type Message } from '@tributary/kafka';
import { inTransaction, lockPosition, storePosition, type Pool } from '@tributary/postgres';
import { causeOf, prospectOf } from './ladder.ts';
import { indexLetter, type Found } from './letter.repository.ts';

export interface IndexPorts {
  readonly pool: Pool;
  readonly codec: Pick<Codec, 'decode'>;
  /** The name under which positions are kept. */
  readonly consumer: string;
  readonly waitsMs: readonly number[];
  /** Called when there may be something to send back. */
  wake(): void;
}

/** Indexing a dead letter means storing what its headers say, in the transaction that moves the position. */
export function createIndexHandler(ports: IndexPorts): BatchHandler {
  return async function index(batch: Batch): Promise<readonly Outcome[]> {
    const found = batch.messages.map((message) => read(message, ports));
    await store(
      batch,
      found.filter((one) => one !== null),
      ports,
    );
    ports.wake();
    return found.map((one) => (one ? done() : filtered('not a dead letter')));
  };
}

function read(message: Message, { codec, waitsMs }: IndexPorts): Found | null {
  const letter = readLetter(message);
  if (!letter) return null;
  const { topic, partition, offset, key, timestamp } = message;
  return {
    letter,
    organizationId: organizationOf(message, letter, codec),
    cause: causeOf(letter.reason),
    key,
    place: { topic, partition, offset },
    prospect: prospectOf(letter.class, letter.attempt, waitsMs),
    diedAt: timestamp,
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whatever a stage buries says whose it is, if it can be read at all. */
function organizationOf({ value }: Message, { origin }: Letter, codec: Pick<Codec, 'decode'>): string {
  try {
    const { organizationId } = codec.decode<{ organizationId: string }>(origin.topic, value ?? Buffer.alloc(0));
    return UUID.test(organizationId) ? organizationId : NO_ORGANIZATION;
  } catch {
    return NO_ORGANIZATION;
  }
}

async function store(batch: Batch, found: readonly Found[], { pool, consumer }: IndexPorts): Promise<void> {
  const key = { consumer, topic: batch.topic, partition: batch.partition };
  // What nobody could read is read by a later version: the letter stays whose it was.
  const organizations = new Set([NO_ORGANIZATION, ...found.map(({ organizationId }) => organizationId)]);
  await inTransaction(pool, [...organizations], async (sql) => {
    const next = await lockPosition(sql, key);
    const last = batch.messages.at(-1)!;
    if (last.offset < next) return;
    for (const one of found) if (one.place.offset >= next) await indexLetter(sql, one);
    await storePosition(sql, key, last.offset + 1);
  });
}
