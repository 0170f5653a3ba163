import fc from 'fast-check';
import { causeOf, prospectOf } from './ladder.ts';

const WAITS = [1_000, 2_000, 4_000, 8_000, 16_000];

describe('the ladder', () => {
  it('sends a transient letter back five times, each time after twice as long, and then leaves it as permanent', () => {
    const deaths = [1, 2, 3, 4, 5, 6, 7].map((attempt) => prospectOf('transient', attempt, WAITS));
    expect(deaths.map(({ retryInMs }) => retryInMs)).toEqual([...WAITS, null, null]);
    expect(deaths.map((prospect) => prospect.class)).toEqual([
      ...WAITS.map(() => 'transient'),
      'permanent',
      'permanent',
    ]);
  });

  it('leaves a permanent letter alone, whichever death it was', () => {
    fc.assert(
      fc.property(fc.integer(), (attempt) =>
        expect(prospectOf('permanent', attempt, WAITS)).toEqual({ class: 'permanent', retryInMs: null }),
      ),
    );
  });
});

describe('a cause', () => {
  it.each([
    ['no connection 8a1f3c52-7c1c-4b43-9d0e-0b6f3f1f5a10', 'no connection …'],
    ['person p_184467 lacks a name', 'person … lacks a name'],
    ['a read answered with status 500', 'a read answered with status 500'],
    ['body is not JSON', 'body is not JSON'],
  ])('of "%s" is "%s"', (reason, cause) => expect(causeOf(reason)).toBe(cause));
});
