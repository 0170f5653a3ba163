import type { Expectation } from '@tributary/contracts';
import { judgeRead, type Seen } from './read-lag.ts';

const settings = { repeatAfterMs: [2_000, 10_000, 60_000], confirmAfterMs: 30_000 };
const expectation = (change: Partial<Expectation>): Expectation => ({
  version: null,
  atLeast: null,
  presence: 'any',
  ...change,
});
const observed = (version = 0): Seen => ({ presence: 'observed', version });
const gone: Seen = { presence: 'deleted', version: 0 };

const judge = (seen: Seen, expected: Partial<Expectation>, attempt = 0, versions = true) =>
  judgeRead(seen, expectation(expected), { versions, attempt }, settings);

describe('read lag', () => {
  it.each([0, 1, 2])('repeats read %i that is older than expected, after 2, 10 and 60 s', (attempt) => {
    expect(judge(observed(5), { version: 6 }, attempt)).toEqual({
      kind: 'again',
      afterMs: settings.repeatAfterMs[attempt],
    });
  });

  it('believes the last repeat, and orders it where the row already is', () => {
    expect(judge(observed(5), { version: 9, atLeast: 8 }, 3)).toEqual({ kind: 'insists', atLeast: 8 });
  });

  it('never raises a read to a version that only an event claimed', () => {
    expect(judge(observed(5), { version: 9 }, 3)).toEqual({ kind: 'insists', atLeast: null });
  });

  it('settles as soon as the expected version is there', () => {
    expect(judge(observed(6), { version: 6, atLeast: 6 }, 1)).toEqual({ kind: 'settled' });
  });

  it.each([
    ['exists', gone, 'again'],
    ['exists', observed(1), 'settled'],
    ['gone', observed(1), 'again'],
    ['gone', gone, 'settled'],
    ['any', gone, 'settled'],
  ] as const)('when it %s, a read of %j is %s', (presence, seen, kind) => {
    expect(judge(seen, { presence }).kind).toBe(kind);
  });

  it('reads a kind without versions once more, and only once', () => {
    expect(judge(observed(), {}, 0, false)).toEqual({ kind: 'again', afterMs: 30_000 });
    expect(judge(observed(), {}, 1, false)).toEqual({ kind: 'settled' });
    expect(judge(gone, {}, 0, false)).toEqual({ kind: 'settled' });
  });
});
