import { randomUUID } from 'node:crypto';
import {
  dead,
  deadForNow,
  done,
  Failure,
  letterId,
  NO_ORGANIZATION,
  STAGES,
  topicNames,
  topicTable,
  type Outcome,
  type RawRef,
} from '@tributary/contracts';
import {
  createBurier,
  createCodec,
  createConsumer,
  ensureTopics,
  readAt,
  registerSchemas,
  type BatchHandler,
  type Codec,
  type Message,
} from '@tributary/kafka';
import { inTransaction, readPosition, storeTopic } from '@tributary/postgres';
import { deadLetters, openControlPlane, type ControlPlane, type DeadLetters } from '@tributary/postgres/control-plane';
import { eventually, OnBroker, rawEventOf, twoOrganizations } from '@tributary/testing';
import { createIndexHandler } from './index.handler.ts';
import { countOpen, dueLetters } from './letter.repository.ts';
import { replay, Replayer, type ReplayPorts } from './replayer.ts';

const CONSUMER = 'spec';
const { ours, database, service } = await twoOrganizations();
const pool = service('tributary_replayer');

describe('a dead letter', () => {
  const broker = new OnBroker('replay.it');
  let codec: Codec;
  let plane: ControlPlane;
  let letters: DeadLetters;
  let raw: string;
  /** What the stage makes of each message; a test says it. */
  let fate: (message: Message) => Outcome;
  let seen: Message[];
  let held: Promise<void>;
  let stop: () => Promise<void> = async () => undefined;

  beforeAll(async () => {
    const names = topicNames(broker.stack.topicPrefix);
    raw = names.raw('acme');
    const specs = topicTable(names, ['acme'], []);
    await ensureTopics(broker.kafka, specs, { factor: 1, minIsr: 1 });
    codec = createCodec(await registerSchemas({ url: broker.stack.registryUrl }, specs), specs);
    for (const { name } of specs)
      await storeTopic(service('tributary_admin'), { name, incarnation: randomUUID(), clusterId: 'spec' });
    plane = await openControlPlane(database.urlFor('tributary_admin'), 'replay.it');
    letters = deadLetters(plane, [ours, NO_ORGANIZATION]);
  });
  afterAll(() => plane.close());
  beforeEach(() => {
    seen = [];
    held = Promise.resolve();
  });
  afterEach(() => stop());

  const ports = (change: Partial<ReplayPorts> = {}): ReplayPorts => ({
    pool,
    read: (places) => readAt(broker.kafka, places, { groupId: `${raw}.reader` }),
    send: broker.producer.send,
    onLook: async () => undefined,
    warn: () => undefined,
    ...change,
  });

  /** A stage that buries, and the index of what it buries. */
  async function stageAndIndex(waitsMs: readonly number[] = [], wake = () => {}): Promise<void> {
    const names = topicNames(broker.stack.topicPrefix);
    const stage = { topic: names.failed('transform'), stage: 'transform', app: 'spec', version: '1' } as const;
    const handle: BatchHandler = async ({ messages }) => {
      await held;
      seen.push(...messages);
      return messages.map((message) => fate(message));
    };
    await broker.consume(raw, handle, { bury: createBurier(broker.producer, stage) });
    await broker.run(
      createConsumer(broker.kafka, {
        groupId: `${raw}.index`,
        topics: STAGES.map(names.failed),
        handle: createIndexHandler({ pool, codec, consumer: CONSUMER, waitsMs, wake }),
        bury: async (_message, reason) => Promise.reject(new Error(reason)),
        positions: { next: (topic, partition) => readPosition(pool, { consumer: CONSUMER, topic, partition }) },
      }),
    );
  }

  /** The stage takes nothing until it is released. */
  function hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return resolve;
  }

  async function withReplayer(waitsMs: readonly number[] = []): Promise<void> {
    const replayer = new Replayer(ports());
    stop = () => replayer.stop();
    await stageAndIndex(waitsMs, () => replayer.wake());
    replayer.start();
  }

  async function deliver(payload: string, organizationId = ours): Promise<RawRef> {
    const value = codec.encode(raw, rawEventOf({ organizationId, payload: Buffer.from(payload) }));
    const [ref] = await broker.producer.send([{ topic: raw, key: 'k', value, headers: { traceparent: '00-x' } }]);
    return ref!;
  }

  const stateOf = async (ref: RawRef) => letters.find(letterId(ref));
  const untilLetter = (ref: RawRef, attempt = 1) =>
    eventually(async () => {
      const letter = await stateOf(ref);
      return letter && letter.attempt === attempt && letter.state === 'open' ? letter : null;
    });
  const allLetters = async () =>
    (await letters.list({ states: ['open', 'replaying', 'replayed', 'discarded'] }, { limit: 500 })).items;
  const isDue = async (ref: RawRef) =>
    (await dueLetters(pool, 99)).filter(({ id, dueInMs }) => id === letterId(ref) && dueInMs === 0);

  it('is indexed with whose it is, where it was and where its bytes lie', async () => {
    fate = () => dead('person p_184467 is odd');
    await stageAndIndex();
    const ref = await deliver('{"odd');
    const letter = await untilLetter(ref);
    expect(letter).toMatchObject({
      organizationId: ours,
      stage: 'transform',
      class: 'permanent',
      reason: 'person p_184467 is odd',
      cause: 'person … is odd',
      originTopic: raw,
      originPartition: ref.partition,
      originOffset: ref.offset,
      key: 'k',
      nextTryAt: null,
    });
    const place = { topic: letter.letterTopic, partition: letter.letterPartition, offset: letter.letterOffset };
    const [found] = await ports().read([place]);
    expect(found!.value).toEqual(seen[0]!.value);
  });

  it('is sent back on order, under its key and with its own headers, and counts as replayed once it is there', async () => {
    let isMended = false;
    fate = () => (isMended ? done() : dead('bad'));
    await withReplayer();
    const ref = await deliver('fine later');
    const { id } = await untilLetter(ref);
    isMended = true;
    expect(await letters.replay({ ids: [id] }, 'ada')).toEqual([id]);
    await eventually(() => seen.length === 2);
    await eventually(async () => (await stateOf(ref))?.state === 'replayed');
    expect(seen[1]).toMatchObject({ key: 'k', value: seen[0]!.value });
    expect(seen[1]!.headers).toEqual({ traceparent: '00-x', letter: id, attempt: '2' });
  });

  it('is the same letter when it dies again', async () => {
    fate = () => dead('still bad');
    await withReplayer();
    const ref = await deliver('never fine');
    const { id, lastAt } = await untilLetter(ref);
    const before = (await allLetters()).length;
    await letters.replay({ ids: [id] }, 'ada');
    const again = await untilLetter(ref, 2);
    expect(again).toMatchObject({ id, originOffset: ref.offset, reason: 'still bad' });
    expect(again.lastAt.getTime()).toBeGreaterThanOrEqual(lastAt.getTime());
    expect(await allLetters()).toHaveLength(before);
  });

  it('is left alone once it is discarded', async () => {
    fate = () => dead('bad');
    await stageAndIndex();
    const ref = await deliver('unwanted');
    const { id } = await untilLetter(ref);
    await letters.replay({ ids: [id] }, 'ada');
    const due = await isDue(ref);
    await letters.discard(id, 'nobody needs it', 'bob');
    expect(await replay(due, ports({ send: () => Promise.reject(new Error('sent')) }))).toBe(0);
    expect(await stateOf(ref)).toMatchObject({ state: 'discarded', discardReason: 'nobody needs it' });
  });

  it('stays closed when a death that is known is buried once more', async () => {
    fate = () => dead('bad');
    await stageAndIndex();
    const ref = await deliver('buried twice');
    const { id, letterTopic: topic, letterPartition: partition, letterOffset: offset } = await untilLetter(ref);
    await letters.discard(id, 'nobody needs it', 'bob');
    const [{ key, value, headers }] = (await ports().read([{ topic, partition, offset }])) as [Message];
    await broker.producer.send([{ topic, key, value, headers }]);
    // Under the same key, so behind it in the same partition.
    await untilLetter(await deliver('the next'));
    expect(await stateOf(ref)).toMatchObject({ state: 'discarded', letterOffset: offset });
  });

  it('goes back by itself where it may pass, up to the end of the ladder', async () => {
    fate = () => deadForNow('odd');
    const waits = [50, 100, 150];
    await withReplayer(waits);
    const ref = await deliver('odd');
    const last = await untilLetter(ref, 4);
    expect(last).toMatchObject({ class: 'permanent', nextTryAt: null });
    expect(last.lastAt.getTime() - last.firstAt.getTime()).toBeGreaterThanOrEqual(300);
    expect(seen.map(({ headers }) => headers['attempt'])).toEqual([undefined, '2', '3', '4']);
  });

  it('is sent once more when its replayer died between sending and recording, and stays one letter', async () => {
    fate = () => dead('bad');
    await stageAndIndex();
    const ref = await deliver('sent twice');
    const { id } = await untilLetter(ref);
    const before = (await allLetters()).length;
    await letters.replay({ ids: [id] }, 'ada');
    const crash = async (messages: Parameters<ReplayPorts['send']>[0]) => {
      await broker.producer.send(messages);
      throw new Failure('unavailable', 'killed');
    };
    const due = await isDue(ref);
    const release = hold();
    await expect(replay(due, ports({ send: crash }))).rejects.toThrow('killed');
    expect((await stateOf(ref))!.state).toBe('replaying');
    expect(await replay(due, ports())).toBe(1);
    release();
    await eventually(() => seen.length === 3);
    expect(seen.map(({ headers }) => headers['attempt'])).toEqual([undefined, '2', '2']);
    await untilLetter(ref, 2);
    expect(await allLetters()).toHaveLength(before);
  });

  it('is taken in hand by one of two replicas', async () => {
    fate = () => dead('bad');
    await stageAndIndex();
    const ref = await deliver('one of two');
    const { id } = await untilLetter(ref);
    await letters.replay({ ids: [id] }, 'ada');
    const due = await isDue(ref);
    const taken = await Promise.all([replay(due, ports()), replay(due, ports())]);
    expect(taken.toSorted()).toEqual([0, 1]);
    await untilLetter(ref, 2);
    expect(seen).toHaveLength(2);
  });

  it('belongs to nobody where nobody can read it, and is left where it lies without a burier’s headers', async () => {
    fate = () => dead('not a raw event');
    await stageAndIndex();
    const failed = topicNames(broker.stack.topicPrefix).failed('write');
    await broker.producer.send([{ topic: failed, key: null, value: Buffer.from('foreign') }]);
    const [ref] = await broker.producer.send([{ topic: raw, key: null, value: Buffer.from('junk') }]);
    expect(await untilLetter(ref!)).toMatchObject({ organizationId: NO_ORGANIZATION, key: null });
  });

  it('waits for a person, saying why, where it cannot be sent back', async () => {
    fate = () => dead('bad');
    await stageAndIndex();
    const [gone, astray] = [await deliver('gone'), await deliver('astray')];
    // Full to the brim: there is no room for the headers of a replay.
    const full = { topic: raw, key: null, value: Buffer.alloc(1_048_480) };
    const [large] = await broker.producer.send([full]);
    for (const [ref, change] of [
      [gone, 'letter_offset = 4711'],
      [astray, "origin_topic = 'elsewhere'"],
      [large!, 'reason = reason'],
    ] as const) {
      const { id } = await untilLetter(ref);
      await inTransaction(pool, [ours, NO_ORGANIZATION], (sql) =>
        sql.query(`update tributary.dead_letter set ${change} where id = $1`, [id]),
      );
      await letters.replay({ ids: [id] }, 'ada');
      expect(await replay(await isDue(ref), ports())).toBe(1);
    }
    expect(await stateOf(gone)).toMatchObject({ state: 'open', reason: expect.stringMatching(/^its bytes are gone/) });
    expect(await stateOf(astray)).toMatchObject({
      state: 'open',
      reason: 'elsewhere is no topic of this installation',
    });
    expect(await stateOf(large!)).toMatchObject({
      state: 'open',
      reason: expect.stringMatching(/^Kafka does not take/),
    });
  });

  it('is counted while it is open', async () => {
    const open = (await letters.list({ states: ['open'] }, { limit: 500 })).items;
    const counted = await countOpen(pool);
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(open.length);
  });
});
