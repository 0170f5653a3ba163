import { done, Failure } from '@tributary/contracts';
import type { Message } from './message.ts';
import { oneByOne } from './one-by-one.ts';

const message = (offset: number, key: string | null): Message => ({
  topic: 't',
  partition: 0,
  offset,
  key,
  value: null,
  headers: {},
  timestamp: 0,
});
const batch = (...messages: Message[]) => ({ topic: 't', partition: 0, messages, isCurrent: () => true });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('one message at a time', () => {
  it('runs keys side by side and one key in order', async () => {
    const log: string[] = [];
    const handle = oneByOne(async ({ key, offset }) => {
      log.push(`${key}${offset} begins`);
      await turn();
      log.push(`${key}${offset} ends`);
      return done();
    });
    await handle(batch(message(0, 'a'), message(1, 'b'), message(2, 'a')));
    expect(log).toEqual(['a0 begins', 'b1 begins', 'a0 ends', 'a2 begins', 'b1 ends', 'a2 ends']);
  });

  it('gives outcomes in the order of the messages', async () => {
    const handle = oneByOne(async ({ offset }) => ({ kind: 'filtered', rule: String(offset) }));
    const outcomes = await handle(batch(message(0, 'a'), message(1, null), message(2, 'a')));
    expect(outcomes).toEqual(['0', '1', '2'].map((rule) => ({ kind: 'filtered', rule })));
  });

  it('lets a failure of the world go before an unknown error', async () => {
    const handle = oneByOne(async ({ offset }) => {
      if (offset === 0) throw new Error('odd');
      throw new Failure('unavailable', 'away');
    });
    await expect(handle(batch(message(0, 'a'), message(1, 'b')))).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
