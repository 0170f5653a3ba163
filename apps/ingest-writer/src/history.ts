/**
 * A run of equal observations. `stamps` are those of its observations, in order, from the first to the last; the interior is kept so that a
 * late observation can split the run where it belongs, and bounded so that an object read for years stays small.
 */
export interface Run<S> {
  readonly label: string;
  readonly stamps: readonly number[];
  /** Where the run's content is found: given by whoever observed first, kept by both halves of a split. */
  readonly source: S;
}

/** A split is exact among the last 64 interior observations; before them it falls after the first one. */
export const MAX_INTERIOR = 64;

/** Runs in order, one observation more. Whatever the order of arrival, the sequence of labels is that of the sorted observations. */
export function observe<S>(runs: readonly Run<S>[], stamp: number, label: string, source: S): readonly Run<S>[] {
  const at = runs.findIndex((run) => compare(lastOf(run), run.label, stamp, label) >= 0);
  const index = at < 0 ? runs.length : at;
  const [previous, next] = [runs[index - 1], runs[index]];
  const replace = (from: number, count: number, ...by: Run<S>[]) => runs.toSpliced(from, count, ...by);

  if (next && compare(firstOf(next), next.label, stamp, label) <= 0) {
    if (next.label !== label) return replace(index, 1, ...split(next, stamp, { label, stamps: [stamp], source }));
    return next.stamps.includes(stamp)
      ? runs
      : replace(index, 1, { ...next, stamps: bounded(within(next.stamps, stamp)) });
  }
  if (previous?.label === label) {
    return replace(index - 1, 1, { ...previous, stamps: bounded([...previous.stamps, stamp]) });
  }
  if (next?.label === label) {
    return replace(index, 1, { label, stamps: bounded([stamp, ...next.stamps]), source });
  }
  return replace(index, 0, { label, stamps: [stamp], source });
}

/** Stamps are unique among reads; webhooks share 0 and are ordered by their label, as in the order key. */
const compare = (stampA: number, labelA: string, stampB: number, labelB: string): number =>
  stampA - stampB || (labelA < labelB ? -1 : Number(labelA > labelB));

export const firstOf = ({ stamps }: Run<unknown>): number => stamps[0] ?? 0;
export const lastOf = ({ stamps }: Run<unknown>): number => stamps.at(-1) ?? 0;

function split<S>(run: Run<S>, stamp: number, between: Run<S>): Run<S>[] {
  const isBefore = (at: number) => compare(at, run.label, stamp, between.label) < 0;
  const [before, after] = [run.stamps.filter(isBefore), run.stamps.filter((at) => !isBefore(at))];
  return [{ ...run, stamps: before }, between, { ...run, stamps: after }];
}

function within(stamps: readonly number[], stamp: number): readonly number[] {
  const index = stamps.findIndex((other) => other > stamp);
  return stamps.toSpliced(index, 0, stamp);
}

function bounded(stamps: readonly number[]): readonly number[] {
  if (stamps.length <= MAX_INTERIOR + 2) return stamps;
  return [stamps[0] ?? 0, ...stamps.slice(-(MAX_INTERIOR + 1))];
}
