import type { ContentOf, Expectation, RecordKind, Visibility } from '@tributary/contracts';

/** One record as a mapping sees it: the vendor's object without anything that the pipeline adds. */
export interface MappedRecord<K extends RecordKind = RecordKind> {
  readonly kind: K;
  readonly externalId: string;
  /** Microseconds; 0 for kinds without versions. */
  readonly sourceVersion: number;
  readonly content: ContentOf<K>;
  readonly visibility: Visibility;
  readonly customFields: Readonly<Record<string, unknown>>;
  readonly relations: readonly { readonly type: string; readonly kind: string; readonly externalId: string }[];
  /** Microseconds. */
  readonly occurredAt: number | null;
}

/** An object to read, and what the read must show. */
export interface Wanted {
  readonly kind: RecordKind;
  readonly externalId: string;
  readonly expectation: Expectation;
}

export type Mapped =
  | { readonly kind: 'mapped'; readonly records: readonly MappedRecord[] }
  /** Not every field was observed: absent is not empty, so it is read by id. */
  | { readonly kind: 'incomplete'; readonly wanted: readonly Wanted[] }
  | { readonly kind: 'filtered'; readonly rule: string }
  | { readonly kind: 'malformed'; readonly reason: string };

const NO_EXPECTATION: Expectation = { version: null, atLeast: null, presence: 'any' };

export const mapped = <K extends RecordKind>(...records: MappedRecord<K>[]): Mapped => ({ kind: 'mapped', records });
export const incomplete = (...wanted: Wanted[]): Mapped => ({ kind: 'incomplete', wanted });
export const unwanted = (rule: string): Mapped => ({ kind: 'filtered', rule });
export const malformed = (reason: string): Mapped => ({ kind: 'malformed', reason });

export function wanted(kind: RecordKind, externalId: string, expectation: Partial<Expectation> = {}): Wanted {
  return { kind, externalId, expectation: { ...NO_EXPECTATION, ...expectation } };
}
