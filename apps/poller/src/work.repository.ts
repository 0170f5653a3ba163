import type { Command, Expectation, Lane, RawRef } from '@tributary/contracts';
import { inTransaction, type Pool, type Sql } from '@tributary/postgres';

/** One read to make, coalesced from the commands that asked for it. */
export interface Work {
  readonly id: string;
  readonly organizationId: string;
  readonly connectionId: string;
  readonly vendor: string;
  readonly account: string;
  readonly kind: string;
  readonly externalId: string;
  readonly lane: Lane;
  readonly expectation: Expectation;
  readonly askedBy: readonly RawRef[];
  readonly traceparent: string;
  /** Reads made for it so far. */
  readonly attempt: number;
  /** Calls in a row that the vendor did not answer. */
  readonly failures: number;
}

export interface DueWork {
  readonly id: string;
  readonly organizationId: string;
  readonly account: string;
}

const URGENCY: readonly Lane[] = ['live', 'write-back', 'reconcile', 'backfill'];
const LANES = `array['${URGENCY.join("', '")}']`;

const COLUMNS = `id, organization_id, connection_id, vendor, account, partition, kind, external_id, lane, expect_version,
  expect_at_least, expect_presence, asked_by, traceparent, attempt, failures, requested_at`;

/** The waiting read expects all that is asked: each answer of a ladder makes the writer ask again, and must not set the ladder back. */
const ASKS_NOTHING_NEW = `(excluded.attempt = 0 and excluded.expect_version <= work.expect_version
  and excluded.expect_presence in ('any', work.expect_presence))`;

/**
 * What two askings of the same object come to: the higher expectation, the more urgent lane, everyone who asked.
 * An asking that expects more has the whole ladder of repeats before it, whatever the waiting one has used up.
 */
const INTO_WAITING = `
  on conflict (connection_id, kind, external_id) where state = 'waiting' do update set
    expect_version = greatest(work.expect_version, excluded.expect_version),
    expect_at_least = greatest(work.expect_at_least, excluded.expect_at_least),
    expect_presence = case when excluded.expect_presence = 'any' then work.expect_presence else excluded.expect_presence end,
    lane = (${LANES})[least(array_position(${LANES}, excluded.lane), array_position(${LANES}, work.lane))],
    asked_by = work.asked_by || excluded.asked_by,
    attempt = case when ${ASKS_NOTHING_NEW} then work.attempt else least(work.attempt, excluded.attempt) end,
    failures = greatest(work.failures, excluded.failures),
    not_before = case when ${ASKS_NOTHING_NEW} then work.not_before else least(work.not_before, excluded.not_before) end`;

/**
 * Stores commands as work, in the caller's transaction; repeats join the work that has not started.
 * Work has an id of its own: a command that the broker holds twice (a send repeated after an unknown answer) is work twice.
 */
export async function enqueue(sql: Sql, partition: number, commands: readonly Command[]): Promise<void> {
  await sql.query({
    name: 'enqueue-work',
    text: `insert into tributary.work (${COLUMNS}, not_before)
      select gen_random_uuid(), organization_id, connection_id, vendor, account, $1, kind, external_id, lane, expect_version,
        expect_at_least, expect_presence, asked_by, traceparent, 0, 0, to_timestamp(requested_at / 1e6), now()
      from jsonb_to_recordset($2::jsonb) as asked (organization_id uuid, connection_id uuid, vendor text,
        account text, kind text, external_id text, lane text, expect_version bigint, expect_at_least bigint,
        expect_presence text, asked_by jsonb, traceparent text, requested_at bigint)
      order by connection_id, kind, external_id ${INTO_WAITING}`,
    values: [partition, JSON.stringify(coalesced(commands).map(toRow))],
  });
}

/** ON CONFLICT cannot touch a row twice in one statement, so a batch is coalesced before it is stored. */
export function coalesced(commands: readonly Command[]): Command[] {
  const byObject = new Map<string, Command>();
  for (const command of commands) {
    const object = JSON.stringify([command.connectionId, command.kind, command.externalId]);
    const earlier = byObject.get(object);
    byObject.set(object, earlier ? joined(earlier, command) : command);
  }
  return [...byObject.values()];
}

function joined(earlier: Command, later: Command): Command {
  return {
    ...earlier,
    lane: URGENCY.find((lane) => lane === earlier.lane || lane === later.lane)!,
    askedBy: [...earlier.askedBy, ...later.askedBy],
    expectation: {
      version: highest(earlier.expectation.version, later.expectation.version),
      atLeast: highest(earlier.expectation.atLeast, later.expectation.atLeast),
      presence: later.expectation.presence === 'any' ? earlier.expectation.presence : later.expectation.presence,
    },
  };
}

function highest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function toRow(command: Command) {
  return {
    organization_id: command.organizationId,
    connection_id: command.connectionId,
    vendor: command.vendor,
    account: command.account,
    kind: command.kind,
    external_id: command.externalId,
    lane: command.lane,
    expect_version: command.expectation.version,
    expect_at_least: command.expectation.atLeast,
    expect_presence: command.expectation.presence,
    asked_by: command.askedBy,
    traceparent: command.traceparent,
    requested_at: command.requestedAt,
  };
}

export interface WaitingWork extends DueWork {
  /** Zero when it may start now. */
  readonly dueInMs: number;
}

/** What waits in these partitions and is not in hand: what is due, most urgent first, then what comes next. */
export async function nextWork(
  sql: Sql,
  vendor: string,
  partitions: readonly number[],
  inHand: readonly string[],
  max: number,
): Promise<WaitingWork[]> {
  const { rows } = await sql.query<{ id: string; organization_id: string; account: string; due_in_ms: number }>({
    name: 'next-work',
    text: 'select id, organization_id, account, due_in_ms from tributary.next_work($1, $2, $3, $4)',
    values: [vendor, partitions, inHand, max],
  });
  return rows.map(({ id, organization_id, account, due_in_ms }) => ({
    id,
    organizationId: organization_id,
    account,
    dueInMs: due_in_ms,
  }));
}

/** Work that a former owner had started: its answer may be lost, so it is made again. */
export async function leftOver(sql: Sql, vendor: string, partitions: readonly number[]): Promise<DueWork[]> {
  const { rows } = await sql.query<{ id: string; organization_id: string; account: string }>({
    name: 'left-over-work',
    text: 'select id, organization_id, account from tributary.started_work($1, $2)',
    values: [vendor, partitions],
  });
  return rows.map((row) => ({ id: row.id, organizationId: row.organization_id, account: row.account }));
}

/** From here on new askings make work of their own: they may expect what this read is too early to show. */
export async function start(pool: Pool, due: DueWork, epoch: number): Promise<Work | null> {
  return inTransaction(pool, [due.organizationId], async (sql) => {
    const { rows } = await sql.query<WorkRow>({
      name: 'start-work',
      text: `update tributary.work set state = 'started', started_at = now(), epoch = $2
             where id = $1 and state = 'waiting' returning *`,
      values: [due.id, epoch],
    });
    return rows[0] ? toWork(rows[0]) : null;
  });
}

export interface Finished {
  readonly work: Work;
  readonly epoch: number;
  readonly raw: RawRef;
  /** When the object is to be read once more for the same askers. */
  readonly againAfterMs: number | null;
}

/** Records the durable answer; work that a later owner has taken over is left to it. */
export async function finish(pool: Pool, { work, epoch, raw, againAfterMs }: Finished): Promise<void> {
  await inTransaction(pool, [work.organizationId], async (sql) => {
    const { rowCount } = await sql.query({
      name: 'finish-work',
      text: `with ended as (delete from tributary.work where id = $1 and epoch = $2 returning *)
             insert into tributary.work_done (${COLUMNS}, epoch, enqueued_at, started_at, outcome, raw_topic, raw_partition, raw_offset)
             select ${COLUMNS}, epoch, enqueued_at, started_at, 'read', $3, $4, $5 from ended`,
      values: [work.id, epoch, raw.topic, raw.partition, raw.offset],
    });
    if (rowCount && againAfterMs !== null) await readAgain(sql, work, againAfterMs);
  });
}

/** The repeat is new work for the same object, so that what is asked meanwhile joins it. */
async function readAgain(sql: Sql, work: Work, afterMs: number): Promise<void> {
  await sql.query({
    name: 'repeat-work',
    text: `insert into tributary.work (${COLUMNS}, not_before)
      select gen_random_uuid(), organization_id, connection_id, vendor, account, partition, kind, external_id, lane,
        expect_version, expect_at_least, expect_presence, asked_by, traceparent, attempt + 1, 0, requested_at,
        now() + $2 * interval '1 millisecond'
      from tributary.work_done where id = $1 ${INTO_WAITING}`,
    values: [work.id, afterMs],
  });
}

/** Forgets work that nobody can do any more: its connection is gone. */
export async function drop(pool: Pool, work: Work, epoch: number): Promise<void> {
  await inTransaction(pool, [work.organizationId], (sql) =>
    sql.query('delete from tributary.work where id = $1 and epoch = $2', [work.id, epoch]),
  );
}

/** Gives started work back: the vendor did not answer (then it waits longer each time), or its owner is gone. */
export async function giveBack(pool: Pool, due: DueWork, afterMs: number, failures: 0 | 1): Promise<void> {
  await inTransaction(pool, [due.organizationId], (sql) =>
    sql.query({
      name: 'give-back-work',
      text: `with taken as (delete from tributary.work where id = $1 and state = 'started' returning *)
        insert into tributary.work (${COLUMNS}, not_before)
        select id, organization_id, connection_id, vendor, account, partition, kind, external_id, lane, expect_version,
          expect_at_least, expect_presence, asked_by, traceparent, attempt, failures + $3::int, requested_at,
          now() + ($2 + $3 * least(60000, 250 * 2 ^ least(failures, 10))) * interval '1 millisecond'
        from taken ${INTO_WAITING}`,
      values: [due.id, afterMs, failures],
    }),
  );
}

interface WorkRow {
  id: string;
  organization_id: string;
  connection_id: string;
  vendor: string;
  account: string;
  kind: string;
  external_id: string;
  lane: Lane;
  expect_version: string | null;
  expect_at_least: string | null;
  expect_presence: Expectation['presence'];
  asked_by: RawRef[];
  traceparent: string;
  attempt: number;
  failures: number;
}

function toWork(row: WorkRow): Work {
  return {
    id: row.id,
    organizationId: row.organization_id,
    connectionId: row.connection_id,
    vendor: row.vendor,
    account: row.account,
    kind: row.kind,
    externalId: row.external_id,
    lane: row.lane,
    expectation: {
      version: row.expect_version === null ? null : Number(row.expect_version),
      atLeast: row.expect_at_least === null ? null : Number(row.expect_at_least),
      presence: row.expect_presence,
    },
    askedBy: row.asked_by,
    traceparent: row.traceparent,
    attempt: row.attempt,
    failures: row.failures,
  };
}
