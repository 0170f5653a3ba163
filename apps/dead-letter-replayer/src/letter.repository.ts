import { type DeadClass, type RawRef } from '@tributary/contracts';
import type { Letter } from '@tributary/kafka';
import type { Sql } from '@tributary/postgres';
import type { Prospect } from './ladder.ts';

/** One dead letter as it is read from a failed topic. */
export interface Found {
  readonly letter: Letter;
  readonly organizationId: string;
  readonly cause: string;
  readonly key: string | null;
  /** Where its bytes lie. */
  readonly place: RawRef;
  readonly prospect: Prospect;
  /** Milliseconds. */
  readonly diedAt: number;
}

/** Postgres takes no NUL in a text. */
const plain = (text: string): string => text.replaceAll('\0', '\u{fffd}');

/** A letter that died again goes on as it was; a death that is known (read twice, buried twice, sent twice) changes nothing. */
export async function indexLetter(sql: Sql, found: Found): Promise<void> {
  const { letter, organizationId, cause, key, place, prospect, diedAt } = found;
  const { id, stage, reason, origin, attempt, app, version } = letter;
  await sql.query({
    name: 'index-letter',
    text: `insert into tributary.dead_letter as known (id, organization_id, stage, class, reason, cause, key, app, version,
             origin_topic, origin_partition, origin_offset, letter_topic, letter_partition, letter_offset, attempt,
             first_at, last_at, next_try_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, to_timestamp($17 / 1e3),
             to_timestamp($17 / 1e3), clock_timestamp() + $18 * interval '1 millisecond')
           on conflict (id) do update set class = excluded.class, reason = excluded.reason, cause = excluded.cause,
             app = excluded.app, version = excluded.version, letter_topic = excluded.letter_topic,
             letter_partition = excluded.letter_partition, letter_offset = excluded.letter_offset,
             attempt = excluded.attempt, last_at = excluded.last_at, next_try_at = excluded.next_try_at,
             state = 'open', discard_reason = null
           where known.attempt < excluded.attempt`,
    values: [
      ...[id, organizationId, stage, prospect.class, plain(reason), plain(cause), key && plain(key), app, version],
      ...[origin.topic, origin.partition, origin.offset, place.topic, place.partition, place.offset, attempt],
      ...[diedAt, prospect.retryInMs],
    ],
  });
}

export interface DueLetter {
  readonly id: string;
  readonly organizationId: string;
  /** Zero when it may go now. */
  readonly dueInMs: number;
}

export async function dueLetters(sql: Sql, max: number): Promise<readonly DueLetter[]> {
  const { rows } = await sql.query<{ id: string; organization_id: string; due_in_ms: number }>({
    name: 'due-letters',
    text: 'select id, organization_id, due_in_ms from tributary.due_letters($1)',
    values: [max],
  });
  return rows.map((row) => ({ id: row.id, organizationId: row.organization_id, dueInMs: row.due_in_ms }));
}

/** A letter in hand: locked for the rest of the transaction. */
export interface Claimed {
  readonly id: string;
  readonly attempt: number;
  readonly originTopic: string;
  readonly place: RawRef;
}

/** What another replica has in hand, and what was decided otherwise meanwhile, is left out. */
export async function claim(sql: Sql, ids: readonly string[]): Promise<readonly Claimed[]> {
  const { rows } = await sql.query<ClaimedRow>({
    name: 'claim-letters',
    text: `select id, attempt, origin_topic, letter_topic, letter_partition, letter_offset from tributary.dead_letter
           where id = any ($1) and next_try_at <= clock_timestamp() order by first_at, id for update skip locked`,
    values: [ids],
  });
  return rows.map((row) => ({
    id: row.id,
    attempt: row.attempt,
    originTopic: row.origin_topic,
    place: { topic: row.letter_topic, partition: row.letter_partition, offset: Number(row.letter_offset) },
  }));
}

interface ClaimedRow {
  id: string;
  attempt: number;
  origin_topic: string;
  letter_topic: string;
  letter_partition: number;
  letter_offset: string;
}

export async function recordSent(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.query({
    name: 'record-sent-letters',
    text: `update tributary.dead_letter set state = 'replayed', next_try_at = null where id = any ($1)`,
    values: [ids],
  });
}

/** What cannot be sent back waits for a person, and says why. */
export async function giveUp(sql: Sql, id: string, reason: string): Promise<void> {
  await sql.query({
    name: 'give-letter-up',
    text: `update tributary.dead_letter
           set state = 'open', class = 'permanent', reason = $2, cause = $2, next_try_at = null where id = $1`,
    values: [id, reason],
  });
}

export interface OpenLetters {
  readonly stage: string;
  readonly class: DeadClass;
  readonly count: number;
}

export async function countOpen(sql: Sql): Promise<readonly OpenLetters[]> {
  const { rows } = await sql.query<{ stage: string; class: DeadClass; count: string }>({
    name: 'count-letters',
    text: 'select stage, class, count from tributary.count_dead_letters()',
  });
  return rows.map(({ count, ...labels }) => ({ ...labels, count: Number(count) }));
}
