import { dead, done, Failure, filtered, type Outcome } from '@tributary/contracts';
import fc from 'fast-check';
import { Lane, type LanePorts } from './lane.ts';
import type { Batch, BatchHandler, Message } from './message.ts';

const at = (offset: number, key = 'k'): Message => ({
  topic: 't',
  partition: 0,
  offset,
  key,
  value: Buffer.from(String(offset)),
  headers: {},
  timestamp: 0,
});
const offsets = (batch: Pick<Batch, 'messages'>) => batch.messages.map(({ offset }) => offset);
const settled = () => new Promise((resolve) => setImmediate(resolve));

function laneOf(handle: BatchHandler, ports: Partial<LanePorts> = {}, bounds = { maxBatch: 3, maxQueued: 4 }) {
  const seen = { buried: [] as string[], settled: [] as number[], paused: false, waits: 0, fenced: 0 };
  const lane = new Lane(
    't',
    0,
    {
      handle,
      bury: async ({ offset }, reason, deadClass) => void seen.buried.push(`${offset}, ${deadClass}: ${reason}`),
      onSettled: ({ offset }) => seen.settled.push(offset),
      log: () => undefined,
      pause: () => (seen.paused = true),
      resume: () => (seen.paused = false),
      wait: async (_ms, signal) => {
        seen.waits += 1;
        await settled();
        signal.throwIfAborted();
      },
      onFenced: () => (seen.fenced += 1),
      ...ports,
    },
    bounds,
  );
  lane.open(null);
  return { lane, seen };
}

/** A handler whose calls the test ends one by one. */
function held() {
  const calls: { batch: Batch; end(): void; fail(error: Error): void }[] = [];
  const handle: BatchHandler = (batch) =>
    new Promise((resolve, reject) =>
      calls.push({ batch, end: () => resolve(batch.messages.map(() => done())), fail: reject }),
    );
  return { calls, handle };
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !condition(); turn += 1) await settled();
  expect(condition()).toBe(true);
}

describe('a lane', () => {
  it('keeps one unit in flight and takes what arrived meanwhile as the next, up to its bound', async () => {
    const { calls, handle } = held();
    const { lane } = laneOf(handle);
    lane.offer([at(0)], 1);
    await settled();
    lane.offer(
      [1, 2, 3, 4].map((offset) => at(offset)),
      5,
    );
    await settled();
    expect(calls.map(({ batch }) => offsets(batch))).toEqual([[0]]);
    calls[0]!.end();
    await settled();
    calls[1]!.end();
    await settled();
    expect(calls.map(({ batch }) => offsets(batch))).toEqual([[0], [1, 2, 3], [4]]);
  });

  it('marks nothing of a unit before all of it is settled', async () => {
    const { calls, handle } = held();
    const { lane } = laneOf(handle);
    lane.offer([at(5), at(9)], 12);
    await settled();
    expect(lane.mark).toBeNull();
    calls[0]!.end();
    await settled();
    // Offsets 10 and 11 were compacted away; the fetch ended at 12.
    expect(lane.mark).toBe(12);
  });

  it('never marks past an unfinished message, whatever the holes, sizes and failures', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(60), { minLength: 1 }),
        fc.array(fc.constantFrom('done', 'dead', 'unavailable', 'throw'), { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        async (places, script, maxBatch) => {
          const finished = new Set<number>();
          const sorted = places.sort((a, b) => a - b);
          const handle: BatchHandler = async ({ messages }) => {
            const step = script.shift() ?? 'done';
            await settled();
            if (step === 'unavailable') throw new Failure('unavailable', 'away');
            if (step === 'throw') throw new Error('odd');
            return messages.map((): Outcome => (step === 'dead' ? dead('bad') : done()));
          };
          const { lane } = laneOf(
            handle,
            { onSettled: ({ offset }) => finished.add(offset) },
            { maxBatch, maxQueued: 100 },
          );
          for (const offset of sorted) {
            lane.offer([at(offset)], offset + 1);
            await settled();
            for (const one of sorted) if (lane.mark !== null && one < lane.mark) expect(finished).toContain(one);
          }
          await until(() => lane.mark === sorted.at(-1)! + 1);
          expect([...finished].sort((a, b) => a - b)).toEqual(sorted);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('pauses the partition at its bound and resumes at half of it', async () => {
    const { calls, handle } = held();
    const { lane, seen } = laneOf(handle);
    lane.offer(
      [0, 1, 2, 3].map((offset) => at(offset)),
      4,
    );
    expect(seen.paused).toBe(true);
    await settled();
    calls[0]!.end();
    await settled();
    expect(seen.paused).toBe(false);
  });

  it('asks again after an outage and buries nothing', async () => {
    let asked = 0;
    const { lane, seen } = laneOf(async ({ messages }) => {
      asked += 1;
      if (asked < 4) throw new Failure('unavailable', 'away');
      return messages.map(() => done());
    });
    lane.offer([at(0), at(1)], 2);
    await until(() => lane.mark === 2);
    expect([asked, seen.waits, seen.buried]).toEqual([4, 3, []]);
  });

  it('buries a message whose error is unknown when a neighbour was done', async () => {
    const { lane, seen } = laneOf(async ({ messages }) => {
      if (messages.some(({ offset }) => offset === 1)) throw new Error('cannot read x of undefined');
      return messages.map(() => done());
    });
    lane.offer([at(0), at(1), at(2)], 3);
    await until(() => lane.mark === 3);
    expect(seen.buried).toEqual(['1, transient: unexpected error: cannot read x of undefined']);
  });

  it('pauses while every message fails with an unknown error, and a neighbour that merely is filtered proves nothing', async () => {
    let isMended = false;
    const { lane, seen } = laneOf(async ({ messages }) => {
      if (!isMended && messages.some(({ offset }) => offset < 2)) throw new Error('odd');
      return messages.map(({ offset }) => (offset === 2 ? filtered('x') : done()));
    });
    lane.offer([at(0), at(1), at(2)], 3);
    await until(() => seen.waits > 3);
    expect([lane.mark, seen.buried]).toEqual([null, []]);
    isMended = true;
    await until(() => lane.mark === 3);
    expect(seen.buried).toEqual([]);
  });

  it('lets a lone poison message go once a neighbour arrives and passes', async () => {
    const { lane, seen } = laneOf(async ({ messages }) => {
      if (messages.some(({ offset }) => offset === 0)) throw new Error('odd');
      return messages.map(() => done());
    });
    lane.offer([at(0)], 1);
    await until(() => seen.waits > 3);
    expect(seen.buried).toEqual([]);
    lane.offer([at(1)], 2);
    await until(() => lane.mark === 2);
    expect(seen.buried).toHaveLength(1);
  });

  it('counts a dead message as settled only once its dead letter is acknowledged', async () => {
    let refusals = 2;
    const { lane, seen } = laneOf(async ({ messages }) => messages.map(() => dead('bad')), {
      bury: async () => {
        refusals -= 1;
        if (refusals >= 0) throw new Failure('unavailable', 'Kafka is away');
      },
    });
    lane.offer([at(0)], 1);
    await until(() => lane.mark === 1);
    expect([seen.settled, seen.waits]).toEqual([[0], 2]);
  });

  it('drops what an old generation still gives', async () => {
    const { calls, handle } = held();
    const { lane, seen } = laneOf(handle);
    lane.offer([at(0)], 1);
    await settled();
    lane.drop();
    expect(calls[0]!.batch.isCurrent()).toBe(false);
    calls[0]!.end();
    await settled();
    expect([lane.mark, seen.settled]).toEqual([null, []]);
  });

  it('starts over when the work is fenced', async () => {
    const { lane, seen } = laneOf(async () => {
      throw new Failure('fenced', 'somebody else owns it');
    });
    lane.offer([at(0)], 1);
    await until(() => seen.fenced === 1);
    expect([lane.isCurrent, lane.mark]).toEqual([false, null]);
  });

  it('finishes the unit in flight when it closes, and begins no other', async () => {
    const { calls, handle } = held();
    const { lane } = laneOf(handle);
    lane.offer(
      [0, 1, 2, 3].map((offset) => at(offset)),
      4,
    );
    await settled();
    const closed = lane.close();
    calls[0]!.end();
    await closed;
    expect([lane.mark, calls.length]).toEqual([3, 1]);
  });
});
