import { Failure, topicNames, type Command, type NormalizedRecord } from '@tributary/contracts';
import type { Batch, Message, OutgoingMessage } from '@tributary/kafka';
import { createPool, inTransaction, readPosition, storeTopic, type Pool } from '@tributary/postgres';
import { eventually, useStack } from '@tributary/testing';
import { eventOf, ORGANIZATION, type Told } from './order-proof.sets.ts';
import { createWriteHandler, type WritePorts } from './write.handler.ts';

const topics = topicNames();
const TOPIC = topics.normalized('conversation');
const CONSUMER = 'spec';
const stack = await useStack();
const database = await stack.newDatabase();

let pool: Pool;
let sent: OutgoingMessage[];
let partition = 0;

beforeAll(async () => {
  const admin = createPool(database.urlFor('tributary_admin'), { max: 1, applicationName: 'spec' });
  await storeTopic(admin, { name: TOPIC, incarnation: ORGANIZATION, clusterId: 'spec' });
  await admin.end();
  pool = createPool(database.urlFor('tributary_writer'), { max: 3, applicationName: 'spec' });
});
afterAll(() => pool.end());
beforeEach(() => {
  sent = [];
  partition += 1;
});

/** Values stay what they are: the frame has its own suite. */
const values = new Map<string, unknown>();
const encode = (_topic: string, value: unknown): Buffer => {
  const key = String(values.size);
  values.set(key, value);
  return Buffer.from(key);
};
const valueOf = <T>({ value }: { readonly value: Buffer | null }): T => values.get(String(value)) as T;

function handlerWith(ports: Partial<WritePorts> = {}) {
  return createWriteHandler({
    pool,
    consumer: CONSUMER,
    topics,
    encode,
    decode: (_topic, value) => {
      if (!values.has(String(value))) throw new Error('not an Avro frame');
      return values.get(String(value)) as NormalizedRecord;
    },
    send: async (messages) => void sent.push(...messages),
    newId: () => 'command',
    now: () => 77,
    count: () => undefined,
    ...ports,
  });
}

const messageAt = (offset: number, value: Buffer | null): Message => ({
  topic: TOPIC,
  partition,
  offset,
  key: 'k',
  value,
  headers: {},
  timestamp: 0,
});
const batchOf = (messages: readonly Message[], isCurrent = () => true): Batch => ({
  topic: TOPIC,
  partition,
  messages,
  isCurrent,
});
const told = (name: string, one: Told) => eventOf(`${name}:${partition}`, one);
const position = () => readPosition(pool, { consumer: CONSUMER, topic: TOPIC, partition });
const subjectOf = async ({ id }: NormalizedRecord) => {
  const { rows } = await inTransaction(pool, [ORGANIZATION], (client) =>
    client.query<{ subject: string }>("select content ->> 'subject' as subject from tributary.record where id = $1", [
      id,
    ]),
  );
  return rows[0]?.subject;
};
const encoded = (...events: readonly NormalizedRecord[]) =>
  events.map((event, index) => messageAt(index, encode(TOPIC, event)));

describe('the position', () => {
  it('moves in the transaction of the rows, and what lies below it is dropped', async () => {
    const [first, second] = [told('x', { stamp: 1, text: 'one' }), told('x', { stamp: 2, text: 'two' })];
    await handlerWith()(batchOf(encoded(first, second)));
    expect(await position()).toBe(2);

    const counted: string[] = [];
    const replayed = [
      messageAt(1, encode(TOPIC, told('x', { stamp: 9, text: 'again' }))),
      messageAt(2, encode(TOPIC, told('y', { stamp: 3, text: 'new' }))),
    ];
    const outcomes = await handlerWith({ count: ({ externalId }) => void counted.push(externalId) })(batchOf(replayed));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done']);
    expect(counted).toEqual([`y:${partition}`]);
    expect(await subjectOf(first)).toBe('two');
  });

  it('stays, with the rows, where what must be said does not get through', async () => {
    const [row, stale] = [told('x', { stamp: 5, text: 'kept' }), told('x', { stamp: 1, text: 'stale' })];
    await handlerWith()(batchOf(encoded(row)));
    const away = handlerWith({ send: () => Promise.reject(new Failure('unavailable', 'Kafka is away')) });
    const fresh = told('y', { stamp: 1, text: 'y' });
    await expect(
      away(batchOf([messageAt(1, encode(TOPIC, fresh)), messageAt(2, encode(TOPIC, stale))])),
    ).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await position()).toBe(1);
    expect(await subjectOf(fresh)).toBeUndefined();
  });

  it('is a fence: who lost the partition while waiting for the lock writes nothing', async () => {
    let isCurrent = true;
    const event = told('x', { stamp: 1, text: 'one' });
    await handlerWith()(batchOf([messageAt(0, null)]));
    let lateWrite: Promise<unknown> = Promise.resolve();
    await inTransaction(pool, [], async (client) => {
      await client.query(
        'select from tributary.position where consumer = $1 and topic = $2 and partition = $3 for update',
        [CONSUMER, TOPIC, partition],
      );
      lateWrite = handlerWith()(batchOf([messageAt(1, encode(TOPIC, event))], () => isCurrent)).catch(
        (error: unknown) => error,
      );
      await waitForLock();
      isCurrent = false;
    });
    expect(await lateWrite).toMatchObject({ kind: 'fenced' });
    expect(await subjectOf(event)).toBeUndefined();
    expect(await position()).toBe(1);
  });

  it('lets two owners of one partition write each message once, in order', async () => {
    const events = Array.from({ length: 40 }, (_, index) => told('x', { stamp: index + 1, text: `t${index}` }));
    const messages = encoded(...events);
    const counted: number[] = [];
    const owner = () => handlerWith({ count: ({ readStamp }) => void counted.push(readStamp) });
    const drive = async (size: number) => {
      for (let at = 0; at < messages.length; at += size) await owner()(batchOf(messages.slice(at, at + size)));
    };
    await Promise.all([drive(3), drive(7)]);
    expect([...counted].sort((a, b) => a - b)).toEqual(events.map(({ readStamp }) => readStamp));
    expect(await position()).toBe(40);
  });
});

describe('a record at fault', () => {
  it('is dead alone when nobody can read it, and the position waits at it until its dead letter is safe', async () => {
    const event = told('x', { stamp: 1, text: 'one' });
    const outcomes = await handlerWith()(
      batchOf([messageAt(0, Buffer.from('junk')), messageAt(1, encode(TOPIC, event)), messageAt(2, null)]),
    );
    expect(outcomes).toEqual([
      { kind: 'dead', class: 'permanent', reason: 'not readable: not an Avro frame' },
      { kind: 'done' },
      { kind: 'filtered', rule: 'erased' },
    ]);
    expect(await subjectOf(event)).toBe('one');
    expect(await position()).toBe(0);

    await handlerWith()(batchOf([messageAt(3, null)]));
    expect(await position()).toBe(4);
  });

  it('is dead alone when Postgres cannot take it, even if it is the only one', async () => {
    const [before, after] = [told('x', { stamp: 1, text: 'one' }), told('y', { stamp: 1, text: 'two' })];
    const poison = { ...told('z', { stamp: 1, text: 'z' }), customFields: '{"a":"\\u0000"}' };
    const outcomes = await handlerWith()(batchOf(encoded(before, poison, after)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'dead', 'done']);
    expect([await subjectOf(before), await subjectOf(after)]).toEqual(['one', 'two']);
    expect(await position()).toBe(1);

    partition += 1;
    expect(await handlerWith()(batchOf(encoded(poison)))).toMatchObject([{ kind: 'dead', class: 'permanent' }]);
  });

  it('is dead for now where nobody knows why it fails alone', async () => {
    const [stale, fresh] = [told('x', { stamp: 1, text: 'stale' }), told('y', { stamp: 1, text: 'two' })];
    await handlerWith()(batchOf(encoded(told('x', { stamp: 5, text: 'kept' }))));
    const broken = handlerWith({
      encode: () => {
        throw new Error('who knows');
      },
    });
    partition += 1;
    expect(await broken(batchOf(encoded(stale, fresh)))).toEqual([
      { kind: 'dead', class: 'transient', reason: 'not writable: who knows' },
      { kind: 'done' },
    ]);
  });

  it('is not blamed where nothing passes and nobody says why', async () => {
    const broken = handlerWith({
      encode: () => {
        throw new Error('who knows');
      },
    });
    const events = encoded(told('x', { stamp: 2, text: 'new' }), told('x', { stamp: 1, text: 'stale' }));
    await handlerWith()(batchOf(events.slice(0, 1)));
    await expect(broken(batchOf(events.slice(1)))).rejects.toMatchObject({
      kind: 'unavailable',
      cause: { message: 'who knows' },
    });
  });

  it('is not blamed for Postgres being away', async () => {
    const nowhere = createPool('postgresql://a:b@127.0.0.1:9/x', { max: 1, applicationName: 'spec' });
    const write = handlerWith({ pool: nowhere });
    await expect(write(batchOf(encoded(told('x', { stamp: 1, text: 'one' }))))).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await nowhere.end();
  });
});

describe('what the writer says', () => {
  it("is the merged row under the record's own key, with both registers, where the event alone is not the row", async () => {
    await handlerWith()(batchOf(encoded(told('x', { stamp: 5, text: 'content' }))));
    const gone = told('x', { stamp: 9, operation: 'deleted' });
    await handlerWith()(batchOf([messageAt(1, encode(TOPIC, gone))]));
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      topic: TOPIC,
      key: gone.id,
      headers: { ce_type: 'tributary.conversation.deleted' },
    });
    expect(valueOf(sent[0]!)).toMatchObject({
      operation: 'deleted',
      existenceStamp: 9,
      readStamp: 5,
      content: { subject: 'content' },
      derived: true,
    });
  });

  it('is one question a record and batch, expecting at least the version that the row has', async () => {
    const events = [
      { stamp: 5, version: 10, text: 'read' },
      { stamp: 0, version: 10, text: 'webhook' },
      { stamp: 0, version: 10, text: 'another' },
    ].map((one) => told('x', one));
    await handlerWith()(batchOf(encoded(...events)));
    const commands = sent.filter(({ topic }) => topic === topics.commands('acme'));
    expect(commands).toHaveLength(1);
    expect(commands[0]).toMatchObject({ key: 'a' });
    expect(valueOf<Command>(commands[0]!)).toMatchObject({
      type: 'fetch',
      externalId: `x:${partition}`,
      expectation: { version: 10, atLeast: 10, presence: 'any' },
      lane: 'live',
      askedBy: [
        { topic: 'raw', partition: 0, offset: 0 },
        { topic: 'raw', partition: 0, offset: 0 },
      ],
      requestedAt: 77,
    });
  });

  it('expects the object to exist where a webhook shows what a read found gone', async () => {
    const events = [
      { stamp: 5, operation: 'deleted' as const },
      { stamp: 0, version: 10, text: 'webhook' },
    ].map((one) => told('x', one));
    await handlerWith()(batchOf(encoded(...events)));
    const command = sent.find(({ topic }) => topic === topics.commands('acme'))!;
    expect(valueOf<Command>(command).expectation).toEqual({ version: 10, atLeast: 10, presence: 'exists' });
  });
});

/** Until somebody waits for a row lock in our database. */
async function waitForLock(): Promise<void> {
  const server = createPool(stack.superuserUrl.replace(/[^/]*$/, database.name), {
    max: 1,
    applicationName: 'spec watching',
  });
  try {
    await eventually(async () => {
      const waiting = "select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'";
      return (await server.query(waiting, [database.name])).rowCount! > 0;
    });
  } finally {
    await server.end();
  }
}
