import { randomUUID } from 'node:crypto';
import { Failure, topicNames, type Command } from '@tributary/contracts';
import { createCodec, createKafka, createProducer, type OutgoingMessage } from '@tributary/kafka';
import { inTransaction, readSchemas, type Pool } from '@tributary/postgres';
import { DEMO_ORGANIZATION } from './demo.ts';
import { topicSpecs } from './install.ts';

export interface Connection {
  readonly id: string;
  readonly vendor: string;
  readonly account: string;
}

const ASK_EVERY_MS = 200;
const GIVE_UP_AFTER_MS = 120_000;

const inDemo = <T>(pool: Pool, work: Parameters<typeof inTransaction<T>>[2]) =>
  inTransaction(pool, [DEMO_ORGANIZATION], work);

export const connectionsOf = (pool: Pool): Promise<readonly Connection[]> =>
  inDemo(
    pool,
    async (sql) =>
      (await sql.query<Connection>('select id, vendor, account from tributary.connection order by id')).rows,
  );

/** One read of each object. */
export interface Order {
  readonly connection: Connection;
  readonly kind: string;
  readonly ids: readonly string[];
  readonly requestedAt: number;
}

export const commandsOf = ({ connection, kind, ids, requestedAt }: Order): readonly Command[] =>
  ids.map((externalId) => ({
    commandId: randomUUID(),
    type: 'fetch',
    organizationId: DEMO_ORGANIZATION,
    connectionId: connection.id,
    vendor: connection.vendor,
    account: connection.account,
    kind,
    externalId,
    expectation: { version: null, atLeast: null, presence: 'any' },
    lane: 'live',
    askedBy: [],
    requestedAt,
    traceparent: '',
  }));

export async function publish(pool: Pool, brokers: readonly string[], order: Order): Promise<void> {
  const topic = topicNames(process.env.TOPIC_PREFIX).commands(order.connection.vendor);
  const codec = createCodec(await readSchemas(pool), topicSpecs());
  const producer = createProducer(createKafka({ brokers, clientId: 'tributary-cli' }));
  try {
    await producer.send(
      commandsOf(order).map((command): OutgoingMessage => ({
        topic,
        key: command.account,
        value: codec.encode(topic, command),
      })),
    );
  } finally {
    await producer.close();
  }
}

/** By the database's clock, which also says when a read was started: an earlier read under way does not count. */
export async function databaseTime(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ micros: string }>(
    'select (extract(epoch from clock_timestamp()) * 1e6)::bigint as micros',
  );
  return Number(rows[0]!.micros);
}

async function unread(pool: Pool, { connection, kind, ids, requestedAt }: Order): Promise<readonly string[]> {
  const { rows } = await inDemo(pool, (sql) =>
    sql.query<{ id: string }>(
      `select distinct external_id as id from tributary.work_done
       where connection_id = $1 and kind = $2 and external_id = any ($3) and started_at >= to_timestamp($4 / 1e6)`,
      [connection.id, kind, ids, requestedAt],
    ),
  );
  const read = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !read.has(id));
}

export async function untilRead(pool: Pool, order: Order): Promise<void> {
  const deadline = Date.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const left = await unread(pool, order);
    if (left.length === 0) return;
    if (Date.now() > deadline) {
      throw new Failure(
        'unavailable',
        `${left.length} of ${order.ids.length} were not read within ${GIVE_UP_AFTER_MS / 1000} s (${left.slice(0, 3).join(', ')}): \`tributary logs poller\` may say why.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
