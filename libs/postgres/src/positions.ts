import { Failure } from '@tributary/contracts';
import type { Sql } from './pool.ts';

/** One partition as one consumer sees it. Lock and position together are the whole fence against a second owner. */
export interface PositionKey {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
}

/** Where a consumer starts; null where it has taken nothing of this making of the topic. */
export async function readPosition(sql: Sql, { consumer, topic, partition }: PositionKey): Promise<number | null> {
  const { rows } = await sql.query<{ next_offset: string }>({
    name: 'read-position',
    text: `select next_offset from tributary.position
           join tributary.topic on topic.name = position.topic and topic.incarnation = position.incarnation
           where consumer = $1 and position.topic = $2 and partition = $3`,
    values: [consumer, topic, partition],
  });
  return rows[0] ? Number(rows[0].next_offset) : null;
}

/** Locks the row for the rest of the transaction and gives the next offset to take. */
export async function lockPosition(sql: Sql, { consumer, topic, partition }: PositionKey): Promise<number> {
  await sql.query({
    name: 'make-position',
    text: `insert into tributary.position (consumer, topic, partition, next_offset, cluster_id, incarnation)
           select $1, name, $3, 0, cluster_id, incarnation from tributary.topic where name = $2
           on conflict do nothing`,
    values: [consumer, topic, partition],
  });
  const { rows } = await sql.query<{ next_offset: string; is_current: boolean }>({
    name: 'lock-position',
    text: `select next_offset, position.incarnation = topic.incarnation as is_current
           from tributary.position join tributary.topic on topic.name = position.topic
           where consumer = $1 and position.topic = $2 and partition = $3
           for update of position`,
    values: [consumer, topic, partition],
  });
  const position = rows[0];
  if (!position)
    throw new Failure('misconfigured', `Topic ${topic} is not known to Postgres: run the topic step first`);
  return position.is_current ? Number(position.next_offset) : 0;
}

/** In the transaction that holds the lock and writes what the position stands for. */
export async function storePosition(
  sql: Sql,
  { consumer, topic, partition }: PositionKey,
  next: number,
): Promise<void> {
  await sql.query({
    name: 'store-position',
    text: `update tributary.position
           set next_offset = $4, cluster_id = topic.cluster_id, incarnation = topic.incarnation, updated_at = now()
           from tributary.topic
           where consumer = $1 and position.topic = $2 and partition = $3 and topic.name = position.topic`,
    values: [consumer, topic, partition, next],
  });
}
