import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { topicNames, type NormalizedRecord } from '@tributary/contracts';
import type { Batch, Message, OutgoingMessage } from '@tributary/kafka';
import { createPool, storeTopic, type Pool } from '@tributary/postgres';
import { useStack } from '@tributary/testing';
import { expectOutcome } from './order-proof.check.ts';
import {
  doubled,
  eventOf,
  interleaved,
  ORGANIZATION,
  permutations,
  randomOf,
  SETS,
  type Expected,
  type Told,
} from './order-proof.sets.ts';
import { createWriteHandler } from './write.handler.ts';

/**
 * All 40,320 orders of eight events, one object per order, through the real handler and real SQL: batch borders at random, repairs taken back from the
 * topic like any other event, then the same with every event doubled. What must come out is written by hand below.
 * A seeded twentieth runs by default, all of them with TRIBUTARY_LONG=1.
 */
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 20_261_121);
const isLong = process.env['TRIBUTARY_LONG'] === '1';
/** Taken at the start: the run is long, and what it proves is what was loaded. */
const commit = isLong ? execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim() : '';
const TOPIC = topicNames().normalized('conversation');

/** Plain bytes: the frame has its own tests, and here it would only take time. */
const encode = (_topic: string, value: unknown): Buffer =>
  Buffer.from(
    JSON.stringify({ ...(value as object), orderKey: (value as { orderKey?: Buffer }).orderKey?.toString('hex') }),
  );
function decode(_topic: string, value: Buffer): NormalizedRecord {
  const parsed = JSON.parse(value.toString()) as NormalizedRecord & { orderKey: string };
  return { ...parsed, orderKey: Buffer.from(parsed.orderKey, 'hex') };
}

/** One partition: what is sent to it is appended, and taken in order. */
class Partition {
  readonly log: Message[] = [];
  readonly commands: OutgoingMessage[] = [];
  taken = 0;
  batches = 0;

  constructor(readonly number: number) {}

  append(key: string | null, value: Buffer | null): void {
    this.log.push({
      topic: TOPIC,
      partition: this.number,
      offset: this.log.length,
      key,
      value,
      headers: {},
      timestamp: 0,
    });
  }

  send = async (messages: readonly OutgoingMessage[]): Promise<void> => {
    for (const message of messages) {
      if (message.topic === TOPIC) this.append(message.key, message.value);
      else this.commands.push(message);
    }
  };

  next(size: number): Batch {
    const messages = this.log.slice(this.taken, this.taken + size);
    this.taken += messages.length;
    this.batches += 1;
    return { topic: TOPIC, partition: this.number, messages, isCurrent: () => true };
  }
}

let pool: Pool;
let nextPartition = 0;

beforeAll(async () => {
  const stack = await useStack();
  const database = await stack.newDatabase();
  const admin = createPool(database.urlFor('tributary_admin'), { max: 1, applicationName: 'spec' });
  await storeTopic(admin, { name: TOPIC, incarnation: ORGANIZATION, clusterId: 'spec' });
  await admin.end();
  pool = createPool(database.urlFor('tributary_writer'), { max: 4, applicationName: 'spec' });
});
afterAll(() => pool.end());

interface Figures {
  orders: number;
  events: number;
  repairs: number;
  commands: number;
  batches: number;
  seconds: number;
}

const CHUNK = 1_008;

/** The orders of one chunk, each on an object of its own, to the end of the repairs. */
async function play(
  name: string,
  orders: readonly (readonly Told[])[],
  expected: Expected,
  seed: number,
  figures: Figures,
): Promise<void> {
  const random = randomOf(seed);
  const partition = new Partition(nextPartition++);
  const objects = orders.map((order, index) => order.map((told) => eventOf(`${name}:${seed}:${index}`, told)));
  const handle = createWriteHandler({
    pool,
    consumer: 'writer',
    topics: topicNames(),
    decode,
    encode,
    send: partition.send,
    newId: () => 'id',
    now: () => 0,
    count: () => undefined,
  });
  let waiting = 0;
  const takeSome = async () => {
    const batch = partition.next(1 + random(400));
    const outcomes = await handle(batch);
    expect(outcomes.every(({ kind }) => kind === 'done')).toBe(true);
    waiting = 0;
  };
  for (const event of interleaved(objects, random)) {
    partition.append(event.id, encode(TOPIC, event));
    waiting += 1;
    if (waiting > 400) await takeSome();
  }
  while (partition.taken < partition.log.length) await takeSome();

  const values = Map.groupBy(partition.log, ({ key }) => key);
  const played = objects.map((events, index) => {
    const id = events[0]!.id;
    return { id, order: orders[index]!, values: (values.get(id) ?? []).map(({ value }) => decode(TOPIC, value!)) };
  });
  await expectOutcome(pool, played, expected);
  const events = objects.reduce((sum, { length }) => sum + length, 0);
  figures.orders += orders.length;
  figures.events += events;
  figures.repairs += partition.log.length - events;
  figures.commands += partition.commands.length;
  figures.batches += partition.batches;
}

const report: Record<string, Figures> = {};

describe('any order of events gives the same row, history and topic', () => {
  const cases = Object.keys(SETS).flatMap((name) => [
    [name, 'once', name] as const,
    [name, 'with every event doubled', `${name}, doubled`] as const,
  ]);

  it.each(cases)(
    'of a vendor %s, each event %s',
    async (name, times, title) => {
      const { told, expected } = SETS[name]!;
      const random = randomOf(SEED);
      const all = [...permutations(told)];
      expect(new Set(all.map((order) => order.map((one) => told.indexOf(one)).join(''))).size).toBe(40_320);
      expect(all).toHaveLength(40_320);
      const orders = all
        .filter(() => isLong || random(20) === 0)
        .map((order) => (times === 'once' ? order : doubled(order, random)));
      const figures: Figures = { orders: 0, events: 0, repairs: 0, commands: 0, batches: 0, seconds: 0 };
      const began = performance.now();
      const chunks = orders.flatMap((_, at) =>
        at % CHUNK === 0 ? [{ at, orders: orders.slice(at, at + CHUNK) }] : [],
      );
      // Two partitions at a time: one waits for Postgres while the other merges.
      const side = async () => {
        for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
          await play(title, chunk.orders, expected, SEED + chunk.at, figures);
        }
      };
      await Promise.all([side(), side()]);
      figures.seconds = Math.round(performance.now() - began) / 1_000;
      report[title] = figures;
      expect(figures.orders).toBe(orders.length);
    },
    3_600_000,
  );

  afterAll(() => {
    if (!isLong) return;
    mkdirSync('docs/reports', { recursive: true });
    writeFileSync(
      'docs/reports/orders.json',
      `${JSON.stringify({ commit, takenAt: new Date().toISOString(), seed: SEED, sets: report }, null, 2)}\n`,
    );
  });
});
