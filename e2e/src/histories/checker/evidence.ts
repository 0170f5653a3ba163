/** All that the judge looks at, of one history. Nothing here was made by code of the services but the rows and messages themselves. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface Raw extends Place {
  readonly event: {
    readonly organizationId: string;
    readonly connectionId: string;
    readonly account: string;
    readonly door: string;
    readonly kind: string | null;
    readonly externalId: string | null;
    readonly readStamp: number;
    readonly atLeast: number | null;
    readonly status: number;
    readonly payload: Buffer;
  };
}

export interface Relation {
  readonly type: string;
  readonly kind: string;
  readonly externalId: string;
}

export interface Normalized extends Place {
  readonly key: string | null;
  readonly record: {
    readonly id: string;
    readonly organizationId: string;
    readonly account: string;
    readonly kind: string;
    readonly externalId: string;
    readonly operation: string;
    readonly existenceStamp: number;
    readonly orderKey: Buffer;
    readonly sourceVersion: number;
    readonly readStamp: number;
    readonly mappingVersion: number;
    readonly checksum: string;
    readonly content: Readonly<Record<string, unknown>> | null;
    readonly customFields: string;
    readonly visibility: string;
    readonly relations: readonly Relation[];
    readonly derived: boolean;
    readonly lineage: Place;
  };
}

/** A null on a topic of records: what is left of a record that somebody asked to erase. */
export interface Tombstone extends Place {
  readonly key: string | null;
}

export interface Dead extends Place {
  readonly reason: string;
}

export interface Row {
  readonly id: string;
  readonly organizationId: string;
  readonly account: string;
  readonly kind: string;
  readonly externalId: string;
  readonly operation: string;
  readonly existenceStamp: number;
  readonly orderKey: Buffer;
  readonly checksum: string | null;
  readonly content: Readonly<Record<string, unknown>> | null;
  readonly customFields: unknown;
  readonly visibility: string;
  readonly relations: readonly Relation[];
}

/** A run of the history, as Postgres holds it. */
export interface Run {
  readonly recordId: string;
  readonly organizationId: string;
  readonly mappingVersion: number;
  readonly sourceVersion: number;
  readonly label: string;
  readonly stamps: readonly number[];
}

export interface ContentRun extends Run {
  readonly content: Readonly<Record<string, unknown>> | null;
  readonly customFields: unknown;
}

/** A row that was written with a lower key than it had; a trigger of the judge's own saw it. */
export interface StepBack {
  readonly recordId: string;
  readonly register: string;
  readonly from: string;
  readonly to: string;
}

/** A place in a topic from which a consumer would start over, though it had come further. */
export interface PositionBack {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

export type Body = Readonly<Record<string, unknown>>;

/** The simulator's own account of one company. */
export type LedgerEntry =
  | {
      readonly type: 'change';
      readonly kind: string;
      readonly id: string;
      readonly version: { readonly atMs: number; readonly body: Body | null };
    }
  | { readonly type: 'event'; readonly event: Body & { readonly payload: { readonly id: string } } }
  | { readonly type: 'taken'; readonly event: string };

export interface Account {
  readonly organizationId: string;
  readonly account: string;
  /** How long a read still shows the state before a change. */
  readonly readLagMs: number;
  readonly ledger: readonly LedgerEntry[];
}

export interface Evidence {
  readonly accounts: readonly Account[];
  readonly raws: readonly Raw[];
  readonly normalized: readonly Normalized[];
  readonly tombstones: readonly Tombstone[];
  readonly dead: readonly Dead[];
  readonly rows: readonly Row[];
  readonly contents: readonly ContentRun[];
  readonly existences: readonly Run[];
  readonly stepsBack: readonly StepBack[];
  readonly positionsBack: readonly PositionBack[];
  /** Where a secret was found, by words for the place. */
  readonly leaks: readonly string[];
}

/** What a law found: the object, the law, and what shows it. */
export interface Finding {
  readonly law: Law;
  readonly object: string;
  readonly account: string;
  readonly says: string;
}

export const LAWS = [
  'accepted is present',
  'nothing invented',
  'final state is the vendor’s',
  'order keys never go back',
  'positions never go back',
  'history is the sequence of versions',
  'compacted topic equals Postgres',
  'no dead letter without a cause in the record',
  'no row crosses organizations',
  'no secret appears',
] as const;
export type Law = (typeof LAWS)[number];
