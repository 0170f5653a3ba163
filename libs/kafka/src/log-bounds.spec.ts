import { startAt } from './log-bounds.ts';

const bounds = { low: 10, high: 20 };

describe('where a partition starts', () => {
  it.each([
    ['nothing stored', null, { start: 10, lost: 0 }],
    ['inside the log', 15, { start: 15, lost: 0 }],
    ['at its end', 20, { start: 20, lost: 0 }],
    ['below its start', 4, { start: 10, lost: 6 }],
  ])('goes on with %s', (_where, position, expected) => {
    expect(startAt(position, bounds, 't:0')).toEqual(expected);
  });

  it('stops with a sentence above the end: the log is another one', () => {
    expect(() => startAt(21, bounds, 't:0')).toThrow(/stored position 21 of t:0 lies above the end of its log \(20\)/);
  });
});
