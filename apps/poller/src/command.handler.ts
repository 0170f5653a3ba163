import { dead, done, type Command, type Outcome } from '@tributary/contracts';
import type { Batch, BatchHandler, Codec, Message } from '@tributary/kafka';
import { inTransaction, lockPosition, storePosition, type Pool, type PositionKey } from '@tributary/postgres';
import { enqueue } from './work.repository.ts';

export interface CommandPorts {
  readonly pool: Pool;
  readonly codec: Codec;
  /** The name under which positions are kept. */
  readonly consumer: string;
  /** Called when there is new work. */
  wake(): void;
}

interface Decoded {
  readonly message: Message;
  readonly command: Command | null;
}

/** Consuming a command means storing it as work, in the transaction that moves the position. */
export function createCommandHandler(ports: CommandPorts): BatchHandler {
  return async function storeCommands(batch: Batch): Promise<readonly Outcome[]> {
    const decoded = batch.messages.map((message) => ({ message, command: decode(message, ports.codec) }));
    await store(batch, decoded, ports);
    ports.wake();
    return decoded.map(({ command }) => (command ? done() : dead('not a command of a known schema')));
  };
}

async function store(batch: Batch, decoded: readonly Decoded[], { pool, consumer }: CommandPorts): Promise<void> {
  const key: PositionKey = { consumer, topic: batch.topic, partition: batch.partition };
  const organizations = new Set(decoded.flatMap(({ command }) => command?.organizationId ?? []));
  await inTransaction(pool, [...organizations], async (sql) => {
    const next = await lockPosition(sql, key);
    const fresh = decoded.filter(({ message }) => message.offset >= next);
    const last = fresh.at(-1);
    if (!last) return;
    await enqueue(
      sql,
      batch.partition,
      fresh.flatMap(({ command }) => command ?? []),
    );
    await storePosition(sql, key, last.message.offset + 1);
  });
}

function decode({ topic, value }: Message, codec: Codec): Command | null {
  try {
    return value && codec.decode<Command>(topic, value);
  } catch {
    return null;
  }
}
