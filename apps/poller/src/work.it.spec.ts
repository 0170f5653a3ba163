import { randomUUID } from 'node:crypto';
import type { Command } from '@tributary/contracts';
import { createPool, inTransaction, type Pool } from '@tributary/postgres';
import { commandOf, useStack } from '@tributary/testing';
import { ownAccount } from './account-owner.ts';
import { enqueue, finish, giveBack, leftOver, nextWork, start, type Work } from './work.repository.ts';

const organizationId = randomUUID();
const connectionId = randomUUID();
const PARTITION = 3;
const raw = (offset: number) => ({ topic: 'tributary.raw.acme', partition: 0, offset });

const command = (change: Parameters<typeof commandOf>[0] = {}): Command =>
  commandOf({ commandId: randomUUID(), organizationId, connectionId, askedBy: [raw(1)], ...change });

describe('work', () => {
  let pool: Pool;

  const store = (...commands: Command[]) =>
    inTransaction(pool, [organizationId], (sql) => enqueue(sql, PARTITION, commands));
  const next = (inHand: readonly string[] = []) => nextWork(pool, 'acme', [PARTITION], inHand, 10);
  const due = async () => (await next()).filter(({ dueInMs }) => dueInMs === 0);
  const rows = (table: 'work' | 'work_done') =>
    inTransaction(pool, [organizationId], async (sql) => {
      const { rows } = await sql.query(`select * from tributary.${table} order by enqueued_at`);
      return rows;
    });
  const startFirst = async (epoch = 1): Promise<Work> => (await start(pool, (await due())[0]!, epoch))!;

  beforeAll(async () => {
    const database = await (await useStack()).newDatabase();
    pool = createPool(database.urlFor('tributary_poller'), { max: 4, applicationName: 'work.it' });
  });
  afterEach(() => inTransaction(pool, [organizationId], (sql) => sql.query('delete from tributary.work')));
  afterAll(() => pool.end());

  it('coalesces askings of one object: highest expectation, most urgent lane, everyone who asked', async () => {
    await store(command({ lane: 'backfill', expectation: { version: 5 } }));
    await store(
      command({ askedBy: [raw(2)], expectation: { version: 9, presence: 'exists' } }),
      command({ askedBy: [raw(3)], lane: 'reconcile', expectation: { version: 7, atLeast: 6 } }),
    );
    expect(await due()).toHaveLength(1);
    expect(await startFirst()).toMatchObject({
      lane: 'live',
      expectation: { version: 9, atLeast: 6, presence: 'exists' },
      askedBy: [raw(1), raw(2), raw(3)],
    });
  });

  it('never joins work that has started: that read may be too early', async () => {
    await store(command());
    const started = await startFirst();
    await store(command({ askedBy: [raw(2)] }));
    const [later] = await due();
    expect(later!.id).not.toBe(started.id);
    expect(started.askedBy).toEqual([raw(1)]);
  });

  it('is started by one of two who try', async () => {
    await store(command());
    const [one] = await due();
    const both = await Promise.all([start(pool, one!, 1), start(pool, one!, 2)]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });

  it('moves to done with the raw offset that answered it, and comes back for a repeat', async () => {
    await store(command({ expectation: { version: 9 } }));
    const work = await startFirst();
    await finish(pool, { work, epoch: 1, raw: raw(77), againAfterMs: 0 });
    expect(await rows('work_done')).toEqual([
      expect.objectContaining({ id: work.id, raw_offset: '77', outcome: 'read' }),
    ]);
    expect(await startFirst()).toMatchObject({ attempt: 1, expectation: { version: 9 }, askedBy: [raw(1)] });
  });

  it('lets a repeat and a new asking become one read, with the whole ladder before it', async () => {
    await store(command({ expectation: { version: 9 } }));
    const work = await startFirst();
    await store(command({ askedBy: [raw(2)], expectation: { version: 12 } }));
    await finish(pool, { work, epoch: 1, raw: raw(78), againAfterMs: 60_000 });
    expect(await rows('work')).toHaveLength(1);
    expect(await startFirst()).toMatchObject({ attempt: 0, expectation: { version: 12 }, askedBy: [raw(2), raw(1)] });
  });

  it('is not set back by an asking that expects nothing new: each answer of a ladder may ask again', async () => {
    await store(command({ expectation: { version: 9, atLeast: 9 } }));
    const work = await startFirst();
    await finish(pool, { work, epoch: 1, raw: raw(80), againAfterMs: 60_000 });
    await store(command({ askedBy: [raw(80)], expectation: { version: 9, atLeast: 9 } }));
    expect(await due()).toEqual([]);
    expect(await rows('work')).toEqual([expect.objectContaining({ attempt: 1, asked_by: [raw(1), raw(80)] })]);
    await store(command({ expectation: { version: 10 } }));
    expect(await startFirst()).toMatchObject({ attempt: 0, expectation: { version: 10, atLeast: 9 } });
  });

  it('tells when the next read is due, and leaves out what is in hand', async () => {
    await store(command());
    const work = await startFirst();
    await finish(pool, { work, epoch: 1, raw: raw(80), againAfterMs: 60_000 });
    const [repeat] = await next();
    expect(repeat!.dueInMs).toBeGreaterThan(50_000);
    expect(repeat!.dueInMs).toBeLessThanOrEqual(60_000);
    expect(await next([repeat!.id])).toEqual([]);
  });

  it('takes a command that the broker holds twice', async () => {
    const sent = command();
    await store(sent);
    const work = await startFirst();
    await store(sent);
    expect((await due()).map(({ id }) => id)).not.toContain(work.id);
    expect(await rows('work')).toHaveLength(2);
  });

  it('is found again by the next owner when its owner died', async () => {
    await store(command());
    const work = await startFirst();
    expect(await due()).toEqual([]);
    expect(await leftOver(pool, 'acme', [PARTITION])).toEqual([expect.objectContaining({ id: work.id })]);
    await giveBack(pool, work, 0, 0);
    expect(await startFirst(2)).toMatchObject({ id: work.id, attempt: 0 });
  });

  it('is left alone by the owner of an older epoch', async () => {
    await store(command());
    const work = await startFirst(1);
    await giveBack(pool, work, 0, 0);
    await startFirst(2);
    await finish(pool, { work, epoch: 1, raw: raw(79), againAfterMs: null });
    expect(await rows('work')).toEqual([expect.objectContaining({ id: work.id, epoch: '2' })]);
  });

  it('waits longer each time the vendor does not answer', async () => {
    await store(command());
    const waits: number[] = [];
    for (let failure = 0; failure < 3; failure += 1) {
      await inTransaction(pool, [organizationId], (sql) => sql.query('update tributary.work set not_before = now()'));
      await giveBack(pool, await startFirst(), 0, 1);
      const [row] = await rows('work');
      waits.push(row!['not_before'].getTime() - row!['enqueued_at'].getTime());
      expect(row).toMatchObject({ failures: failure + 1 });
    }
    expect(waits[1]).toBeGreaterThan(waits[0]!);
    expect(waits[2]).toBeGreaterThan(waits[1]!);
  });
});

describe('owner of a vendor account', () => {
  let pool: Pool;
  const key = { organizationId: randomUUID(), vendor: 'acme', account: 'acc_1' };

  beforeAll(async () => {
    const database = await (await useStack()).newDatabase();
    pool = createPool(database.urlFor('tributary_poller'), { max: 4, applicationName: 'owner.it' });
  });
  afterAll(() => pool.end());

  it('gives rising stamps, also when the clock steps back and when the next owner takes over', async () => {
    let clock = 1_767_225_600_000_000;
    const first = await ownAccount(pool, key, () => clock);
    const early = [await first.nextStamp(), await first.nextStamp()];
    clock -= 7_200_000_000;
    early.push(await first.nextStamp());
    const second = await ownAccount(pool, key, () => clock);
    const late = await second.nextStamp();
    expect(second.epoch).toBe(first.epoch + 1);
    expect([...early, late]).toEqual([...early, late].toSorted((a, b) => a - b));
    expect(new Set([...early, late]).size).toBe(4);
  });

  it('is refused new stamps once another owner is there', async () => {
    let clock = 1_867_225_600_000_000;
    const first = await ownAccount(pool, key, () => clock);
    await first.nextStamp();
    await ownAccount(pool, key, () => clock);
    clock += 60_000_000;
    await expect(first.nextStamp()).rejects.toMatchObject({ kind: 'fenced' });
  });
});
