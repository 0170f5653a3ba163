import { Batcher, type BatcherBounds } from './batcher.ts';

const BOUNDS: BatcherBounds = { maxItems: 10, maxBytes: 100, maxCallers: 5, requestItems: 4, requestBytes: 50 };

/** A port whose requests the test answers one by one; an item is its own size. */
function heldPort() {
  const requests: { items: readonly number[]; answer(): void; fail(error: Error): void }[] = [];
  return {
    requests,
    port: {
      sizeOf: (item: number) => item,
      isAtFault: (error: unknown) => (error as Error).message === 'at fault',
      send: (items: readonly number[]) =>
        new Promise<readonly string[]>((resolve, reject) =>
          requests.push({ items, answer: () => resolve(items.map((item) => `ref ${item}`)), fail: reject }),
        ),
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the self-clocked batcher', () => {
  it('keeps one request in flight and sends all that arrived meanwhile as the next', async () => {
    const { port, requests } = heldPort();
    const batcher = new Batcher(port, BOUNDS);
    const first = batcher.send([1]);
    await settled();
    const later = [batcher.send([2]), batcher.send([3, 4])];
    await settled();
    expect(requests.map(({ items }) => items)).toEqual([[1]]);
    requests[0]!.answer();
    await settled();
    expect(requests.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
    requests[1]!.answer();
    expect(await Promise.all([first, ...later])).toEqual([['ref 1'], ['ref 2'], ['ref 3', 'ref 4']]);
  });

  it('never puts more into a request than its bounds, but takes a single call of any size', async () => {
    const { port, requests } = heldPort();
    const batcher = new Batcher(port, BOUNDS);
    const calls = [[60], [1, 1, 1], [1, 1], [35]].map((items) => batcher.send(items));
    for (let index = 0; index < 3; index += 1) {
      await settled();
      requests[index]!.answer();
    }
    await Promise.all(calls);
    expect(requests.map(({ items }) => items)).toEqual([[60], [1, 1, 1], [1, 1, 35]]);
  });

  it.each([
    ['callers', [[1], [1], [1], [1], [1]], [1]],
    ['items', [[1, 1, 1, 1, 1, 1, 1, 1]], [1, 1, 1]],
    ['bytes', [[90]], [11]],
  ])('says overloaded when its bound of %s is full', async (_bound, waiting, added) => {
    const { port } = heldPort();
    const batcher = new Batcher(port, BOUNDS);
    void batcher.send([1]);
    await settled();
    for (const items of waiting) void batcher.send(items);
    await expect(batcher.send(added)).rejects.toMatchObject({ kind: 'overloaded' });
  });

  it('has nothing waiting once all was sent', async () => {
    const { port, requests } = heldPort();
    const batcher = new Batcher(port, BOUNDS);
    void batcher.send([1]);
    await settled();
    void batcher.send([2, 3]);
    expect(batcher.waiting).toEqual({ items: 2, bytes: 5, callers: 1 });
    const drained = batcher.drained();
    requests[0]!.answer();
    await settled();
    requests[1]!.answer();
    await drained;
    expect(batcher.waiting).toEqual({ items: 0, bytes: 0, callers: 0 });
  });

  it('fails only the caller whose message is at fault', async () => {
    const { port, requests } = heldPort();
    const batcher = new Batcher(port, BOUNDS);
    const calls = Promise.allSettled([batcher.send([1]), batcher.send([2])]);
    await settled();
    requests[0]!.fail(new Error('at fault'));
    await settled();
    requests[1]!.fail(new Error('at fault'));
    await settled();
    requests[2]!.answer();
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('fails all callers of a request that Kafka could not take', async () => {
    const { port, requests } = heldPort();
    const batcher = new Batcher(port, BOUNDS);
    const calls = Promise.allSettled([batcher.send([1]), batcher.send([2])]);
    await settled();
    requests[0]!.fail(new Error('away'));
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(requests).toHaveLength(1);
  });
});
