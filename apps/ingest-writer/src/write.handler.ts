import {
  cloudEventHeaders,
  dead,
  deadForNow,
  done,
  Failure,
  filtered,
  isFailure,
  type Command,
  type NormalizedRecord,
  type Outcome,
  type TopicNames,
} from '@tributary/contracts';
import type { Batch, BatchHandler, Message, OutgoingMessage } from '@tributary/kafka';
import { inTransaction, isDataFault, lockPosition, storePosition, type Pool, type Sql } from '@tributary/postgres';
import { startSpan } from '@tributary/telemetry';
import { repairOf, type Row } from './merge.ts';
import { planOf, type Ask, type Plan } from './plan.ts';
import { loadBodies, loadState, storePlan } from './record.repository.ts';

export interface WritePorts {
  readonly pool: Pool;
  /** The name under which positions are stored. */
  readonly consumer: string;
  readonly topics: TopicNames;
  decode(topic: string, value: Buffer): NormalizedRecord;
  encode(topic: string, value: unknown): Buffer;
  /** Resolves when all in-sync replicas have the messages. */
  send(messages: readonly OutgoingMessage[]): Promise<unknown>;
  newId(): string;
  /** Microseconds. */
  now(): number;
  count(record: NormalizedRecord, outcome: 'written' | 'stale'): void;
}

interface Readable {
  readonly message: Message;
  readonly event: NormalizedRecord;
}

/**
 * Rows, history and position change in one transaction, under the lock of the position row: that is the whole fence.
 * What the batch makes us say (repairs, questions to the vendor) is on Kafka before the commit, so nothing said can be lost; said twice it is harmless.
 */
export function createWriteHandler(ports: WritePorts): BatchHandler {
  return async function write(batch) {
    const fates = batch.messages.map((message) => read(message, ports));
    const span = startSpan('write', { kind: 'consumer', links: batch.messages.flatMap(traceparentOf) });
    try {
      await writeUnit(batch, fates, ports);
      return fates.map(outcomeOf);
    } catch (error) {
      if (isFailure(error)) throw error;
      return await writeEach(batch, fates, error, ports);
    } finally {
      span.end();
    }
  };
}

const traceparentOf = ({ headers }: Message): string[] => (headers['traceparent'] ? [headers['traceparent']] : []);

type Fate = Readable | Outcome;

const isReadable = (fate: Fate): fate is Readable => 'event' in fate;
const outcomeOf = (fate: Fate): Outcome => (isReadable(fate) ? done() : fate);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function read(message: Message, { decode }: WritePorts): Fate {
  if (message.value === null) return filtered('erased');
  try {
    const event = decode(message.topic, message.value);
    return UUID.test(event.organizationId) ? { message, event } : dead('organizationId is not a uuid');
  } catch (error) {
    return dead(`not readable: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * The position stops at the first dead message: the loop asks for the next unit only when every dead letter of this one is acknowledged,
 * and that unit moves the position past it. A crash between the two reads it again.
 */
async function writeUnit(batch: Batch, fates: readonly Fate[], ports: WritePorts, holdAt?: number): Promise<void> {
  const { topic, partition, messages } = batch;
  const key = { consumer: ports.consumer, topic, partition };
  const readable = fates.filter(isReadable);
  const firstDead = messages.find((_, index) => isDead(fates[index]))?.offset;
  const next = holdAt ?? firstDead ?? (messages.at(-1)?.offset ?? -1) + 1;
  const tenants = [...new Set(readable.map(({ event }) => event.organizationId))];
  const { events, moved } = await inTransaction(ports.pool, tenants, async (client) => {
    const stored = await lockPosition(client, key);
    // The lock may have been waited for while somebody else took the partition over.
    if (!batch.isCurrent()) throw new Failure('fenced', `${topic}:${partition} was taken over`);
    const events = readable.filter(({ message }) => message.offset >= stored).map(({ event }) => event);
    const moved = await writeEvents(client, events, ports);
    if (next > stored) await storePosition(client, key, next);
    return { events, moved };
  });
  for (const [index, event] of events.entries()) ports.count(event, moved[index] ? 'written' : 'stale');
}

const isDead = (fate: Fate | undefined): boolean => fate !== undefined && !isReadable(fate) && fate.kind === 'dead';

async function writeEvents(
  client: Sql,
  events: readonly NormalizedRecord[],
  ports: WritePorts,
): Promise<readonly boolean[]> {
  if (events.length === 0) return [];
  const plan = planOf(events, await loadState(client, events));
  await storePlan(client, plan);
  const said = [...(await repairsOf(client, plan, ports)), ...plan.asks.map((ask) => commandOf(ask, ports))];
  if (said.length > 0) await ports.send(said);
  return plan.moved;
}

async function repairsOf(
  client: Sql,
  { repairs }: Plan,
  { topics, encode }: WritePorts,
): Promise<readonly OutgoingMessage[]> {
  const bodies = await loadBodies(
    client,
    repairs.filter(({ body }) => body === null),
  );
  return repairs.map((row: Row) => {
    const body = row.body ?? bodies.get(row.id);
    if (!body) throw new Error(`record ${row.id} vanished under the lock of its partition`);
    const record = repairOf({ ...row, body });
    const topic = topics.normalized(row.kind);
    return { topic, key: row.id, value: encode(topic, record), headers: cloudEventHeaders(record, '') };
  });
}

function commandOf({ row, doubt, askedBy }: Ask, { topics, encode, newId, now }: WritePorts): OutgoingMessage {
  // What the row has already, the answer must at least show; a vendor that restored an older state is believed at the last repeat.
  const version = row.sourceVersion > 0 ? row.sourceVersion : null;
  const isHidden = row.operation !== 'observed';
  const command: Command = {
    commandId: newId(),
    type: 'fetch',
    organizationId: row.organizationId,
    connectionId: row.connectionId,
    vendor: row.vendor,
    account: row.account,
    kind: row.kind,
    externalId: row.externalId,
    expectation: { version, atLeast: version, presence: doubt === 'contradicts' && isHidden ? 'exists' : 'any' },
    lane: 'live',
    askedBy,
    requestedAt: now(),
    traceparent: '',
  };
  const topic = topics.commands(row.vendor);
  return { topic, key: row.account, value: encode(topic, command) };
}

/** Something in the unit cannot be written. One by one only the record at fault is dead; where nothing passes it is the world's fault. */
async function writeEach(
  batch: Batch,
  fates: readonly Fate[],
  cause: unknown,
  ports: WritePorts,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let holdAt: number | undefined;
  let hasPassed = false;
  for (const [index, message] of batch.messages.entries()) {
    const fate = fates[index] ?? done();
    const outcome = await writeOne({ ...batch, messages: [message] }, fate, ports, holdAt);
    hasPassed ||= outcome.kind === 'done';
    if (outcome.kind === 'dead') holdAt ??= message.offset;
    outcomes.push(outcome);
  }
  if (hasPassed || isDataFault(cause)) return outcomes;
  throw new Failure('unavailable', 'nothing can be written, and Postgres does not say why', { cause });
}

async function writeOne(batch: Batch, fate: Fate, ports: WritePorts, holdAt: number | undefined): Promise<Outcome> {
  try {
    await writeUnit(batch, [fate], ports, holdAt);
    return outcomeOf(fate);
  } catch (error) {
    if (isFailure(error)) throw error;
    const reason = `not writable: ${error instanceof Error ? error.message : String(error)}`;
    return isDataFault(error) ? dead(reason) : deadForNow(reason);
  }
}
