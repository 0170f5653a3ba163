import { NO_CONTENT, type NormalizedRecord, type RawRef } from '@tributary/contracts';
import { firstOf, observe, type Run } from './history.ts';
import { doubtOf, merge, says, type Doubt, type Row } from './merge.ts';

/** Where a run's content is: in the database under the run's first stamp, or in the event that brought it. */
export type Source = { readonly storedAt: number } | { readonly event: NormalizedRecord };

/** One sequence of runs: the contents of a record under one mapping version and source version, or its existence. */
export interface Timeline {
  readonly recordId: string;
  readonly organizationId: string;
  readonly mappingVersion: number;
  readonly sourceVersion: number;
}

export interface RunChange {
  readonly timeline: Timeline;
  readonly run: Run<Source>;
}

/** What to do with the runs of a timeline, in this order. */
export interface RunChanges {
  /** The second half of a split: a copy of a stored run under its own first stamp. */
  readonly copied: readonly (RunChange & { readonly storedAt: number })[];
  /** Now starts earlier, so it stands under another key. */
  readonly removed: readonly RunChange[];
  readonly added: readonly (RunChange & { readonly event: NormalizedRecord })[];
  /** The same run with more, or after a split fewer, observations. */
  readonly changed: readonly RunChange[];
}

export interface Loaded {
  readonly rows: ReadonlyMap<string, Row>;
  /** By `timelineKey`; at least the runs around the earliest new observation. */
  readonly contents: ReadonlyMap<string, readonly Run<Source>[]>;
  readonly existences: ReadonlyMap<string, readonly Run<Source>[]>;
}

export interface Ask {
  readonly row: Row;
  readonly doubt: Doubt;
  readonly askedBy: readonly RawRef[];
}

export interface Plan {
  readonly rows: readonly Row[];
  readonly repairs: readonly Row[];
  readonly asks: readonly Ask[];
  readonly contents: RunChanges;
  readonly existences: RunChanges;
  /** One per event: whether it moved the row. */
  readonly moved: readonly boolean[];
}

export const timelineKey = ({ recordId, mappingVersion, sourceVersion }: Omit<Timeline, 'organizationId'>): string =>
  `${recordId}:${mappingVersion}:${sourceVersion}`;

export const contentTimeline = ({ id, organizationId, mappingVersion, sourceVersion }: NormalizedRecord): Timeline => ({
  recordId: id,
  organizationId,
  mappingVersion,
  sourceVersion,
});

/** Existence has one timeline, whatever mapping saw it. */
export const existenceTimeline = ({ id, organizationId }: NormalizedRecord): Timeline => ({
  recordId: id,
  organizationId,
  mappingVersion: 0,
  sourceVersion: 0,
});

export const hasContent = ({ orderKey }: NormalizedRecord): boolean => orderKey.length > NO_CONTENT.length;

/** Everything a batch of events changes, in memory. The history takes every event; only then is the batch reduced to one state a record. */
export function planOf(events: readonly NormalizedRecord[], loaded: Loaded): Plan {
  const rows = new Map<string, { row: Row; last: NormalizedRecord; doubt?: Doubt; askedBy: RawRef[] }>();
  const moved = events.map((event) => {
    const state = rows.get(event.id);
    const before = state?.row ?? loaded.rows.get(event.id);
    const doubt = doubtOf(before, event);
    const row = merge(before, event);
    const askedBy = state?.askedBy ?? [];
    if (doubt) askedBy.push(rawRefOf(event));
    const strongest = doubt === 'contradicts' ? doubt : (state?.doubt ?? doubt);
    rows.set(event.id, { row, last: event, askedBy, ...(strongest && { doubt: strongest }) });
    return row !== before;
  });
  const states = [...rows.values()];
  return {
    rows: states.map(({ row }) => row).filter((row) => row !== loaded.rows.get(row.id)),
    repairs: states.filter(({ row, last }) => !says(last, row)).map(({ row }) => row),
    asks: states.flatMap(({ row, doubt, askedBy }) => (doubt ? [{ row, doubt, askedBy }] : [])),
    contents: changesOf(events.filter(hasContent), loaded.contents, contentTimeline, contentObservation),
    existences: changesOf(events.filter(isRead), loaded.existences, existenceTimeline, existenceObservation),
    moved,
  };
}

const isRead = ({ existenceStamp }: NormalizedRecord): boolean => existenceStamp > 0;
const contentObservation = ({ readStamp, checksum }: NormalizedRecord) => ({ stamp: readStamp, label: checksum });
const existenceObservation = ({ existenceStamp, operation }: NormalizedRecord) => ({
  stamp: existenceStamp,
  label: operation,
});
const rawRefOf = ({ lineage: { topic, partition, offset } }: NormalizedRecord): RawRef => ({
  topic,
  partition,
  offset,
});

function changesOf(
  events: readonly NormalizedRecord[],
  loaded: ReadonlyMap<string, readonly Run<Source>[]>,
  timelineOf: (event: NormalizedRecord) => Timeline,
  observationOf: (event: NormalizedRecord) => { stamp: number; label: string },
): RunChanges {
  const timelines = new Map<string, { timeline: Timeline; runs: readonly Run<Source>[] }>();
  for (const event of events) {
    const timeline = timelineOf(event);
    const key = timelineKey(timeline);
    const runs = timelines.get(key)?.runs ?? loaded.get(key) ?? [];
    const { stamp, label } = observationOf(event);
    timelines.set(key, { timeline, runs: observe(runs, stamp, label, { event }) });
  }
  const changes = [...timelines].map(([key, { timeline, runs }]) => differences(timeline, loaded.get(key) ?? [], runs));
  return {
    copied: changes.flatMap(({ copied }) => copied),
    removed: changes.flatMap(({ removed }) => removed),
    added: changes.flatMap(({ added }) => added),
    changed: changes.flatMap(({ changed }) => changed),
  };
}

function differences(timeline: Timeline, before: readonly Run<Source>[], after: readonly Run<Source>[]): RunChanges {
  const stored = new Map(before.map((run) => [keyOf(run), run]));
  const kept = new Set(after.map(keyOf));
  const fresh = after.filter((run) => stored.get(keyOf(run)) !== run).map((run) => ({ timeline, run }));
  const isStored = ({ run }: RunChange) => stored.has(keyOf(run));
  return {
    removed: before.filter((run) => !kept.has(keyOf(run))).map((run) => ({ timeline, run })),
    changed: fresh.filter(isStored),
    added: fresh.flatMap((change) => {
      const { source } = change.run;
      return !isStored(change) && 'event' in source ? [{ ...change, event: source.event }] : [];
    }),
    copied: fresh.flatMap((change) => {
      const { source } = change.run;
      return !isStored(change) && 'storedAt' in source ? [{ ...change, storedAt: source.storedAt }] : [];
    }),
  };
}

const keyOf = (run: Run<unknown>): string => `${firstOf(run)}:${run.label}`;
