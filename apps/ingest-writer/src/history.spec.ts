import fc from 'fast-check';
import { MAX_INTERIOR, observe, type Run } from './history.ts';

type Observation = readonly [stamp: number, label: string];

const arriving = (observations: readonly Observation[]): readonly Run<string>[] =>
  observations.reduce<readonly Run<string>[]>(
    (runs, [stamp, label]) => observe(runs, stamp, label, `${label}${stamp}`),
    [],
  );

const spelled = (runs: readonly Run<string>[]): string =>
  runs.map(({ label, stamps }) => `${label}${stamps[0]}-${stamps.at(-1)}`).join(' ');

/** The law itself: sort, then group what is equal side by side. */
function sortedAndGrouped(observations: readonly Observation[]): string {
  const sorted = [...observations].sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : Number(a[1] > b[1])));
  const runs: { label: string; first: number; last: number }[] = [];
  for (const [stamp, label] of sorted) {
    const run = runs.at(-1);
    if (run?.label === label) run.last = stamp;
    else runs.push({ label, first: stamp, last: stamp });
  }
  return runs.map(({ label, first, last }) => `${label}${first}-${last}`).join(' ');
}

/** Reads have a stamp of their own; webhooks share 0. */
const observations = fc
  .tuple(
    fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom('a', 'b', 'c')), {
      selector: ([stamp]) => stamp,
      maxLength: 30,
    }),
    fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
  )
  .map(([reads, webhooks]): Observation[] => [...reads, ...webhooks.map((label): Observation => [0, label])]);

describe('history', () => {
  it('is the sorted observations, grouped, whatever order they arrive in and however often', () => {
    const arrivals = observations.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
    );
    fc.assert(
      fc.property(arrivals, ([all, arrival]) => {
        expect(spelled(arriving(arrival))).toBe(sortedAndGrouped(all));
      }),
      { numRuns: 2_000 },
    );
  });

  it('splits a run a second time where the interior observations say', () => {
    const runs = arriving([
      [10, 'a'],
      [20, 'a'],
      [40, 'a'],
      [50, 'a'],
      [30, 'b'],
      [15, 'c'],
    ]);
    expect(spelled(runs)).toBe('a10-10 c15-15 a20-20 b30-30 a40-50');
  });

  it('is the same array when an observation is repeated, so that nothing is written', () => {
    const runs = arriving([
      [1, 'a'],
      [2, 'a'],
      [3, 'b'],
    ]);
    expect(observe(runs, 2, 'a', 'again')).toBe(runs);
  });

  it('keeps the source of the first observation, and gives it to both halves of a split', () => {
    const runs = arriving([
      [2, 'a'],
      [3, 'a'],
      [5, 'a'],
      [4, 'b'],
      [1, 'a'],
    ]);
    expect(runs.map(({ source }) => source)).toEqual(['a1', 'b4', 'a2']);
  });

  it('stays bounded, first and last kept, and still splits exactly among the latest', () => {
    const reads = Array.from({ length: 1_000 }, (_, index): Observation => [index * 10, 'a']);
    const [run] = arriving(reads);
    expect(run?.stamps).toHaveLength(MAX_INTERIOR + 2);
    expect(spelled(arriving([...reads, [9_905, 'b']]))).toBe('a0-9900 b9905-9905 a9910-9990');
    expect(spelled(arriving([...reads, [15, 'b']]))).toMatch(/^a0-0 b15-15 a\d+-9990$/);
  });
});
