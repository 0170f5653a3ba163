import type { Schema } from 'avsc';
import type { ContentOf, RecordKind } from './record-kinds.ts';

export type Operation = 'observed' | 'deleted' | 'not_visible';
export type Visibility = 'public' | 'private' | 'restricted';

/** A reference to another object of the same vendor account; `id` is that object's record id. */
export interface Relation {
  readonly type: string;
  readonly kind: string;
  readonly externalId: string;
  readonly id: string;
}

export interface Lineage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly index: number;
}

/**
 * One value on `tributary.normalized.<kind>`: the state of two registers.
 * Readers take content with a higher order key, existence with a higher or equal stamp, and ignore the rest.
 */
export interface NormalizedRecord<K extends RecordKind = RecordKind> {
  readonly id: string;
  readonly organizationId: string;
  readonly connectionId: string;
  readonly vendor: string;
  readonly account: string;
  readonly kind: K;
  readonly externalId: string;
  /** Existence register: ordered by `existenceStamp` alone; stamp 0 says nothing about existence. */
  readonly operation: Operation;
  readonly existenceStamp: number;
  /** Content register: ordered by `orderKey`; the four parts stand beside it for readers. Empty key: no content. */
  readonly orderKey: Buffer;
  readonly sourceVersion: number;
  readonly readStamp: number;
  readonly mappingVersion: number;
  readonly checksum: string;
  readonly content: ContentOf<K> | null;
  readonly visibility: Visibility;
  /** JSON object as text. */
  readonly customFields: string;
  readonly relations: readonly Relation[];
  /** Microseconds of the vendor's clock; null where the vendor gives none. */
  readonly occurredAt: number | null;
  /** Microseconds: when a door received the observation that gave the content (or, without content, the existence). */
  readonly observedAt: number;
  /** True for records of a re-map and for repairs: they never ask for a fetch. */
  readonly derived: boolean;
  readonly runId: string | null;
  readonly lineage: Lineage;
}

export function normalizedSchema(kind: RecordKind, contentFields: readonly object[]): Schema {
  const recordName = kind.charAt(0).toUpperCase() + kind.slice(1);
  return {
    type: 'record',
    name: recordName,
    namespace: 'tributary',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'organizationId', type: 'string' },
      { name: 'connectionId', type: 'string' },
      { name: 'vendor', type: 'string' },
      { name: 'account', type: 'string' },
      { name: 'kind', type: 'string' },
      { name: 'externalId', type: 'string' },
      { name: 'operation', type: 'string' },
      { name: 'existenceStamp', type: 'long' },
      { name: 'orderKey', type: 'bytes' },
      { name: 'sourceVersion', type: 'long' },
      { name: 'readStamp', type: 'long' },
      { name: 'mappingVersion', type: 'int' },
      { name: 'checksum', type: 'string' },
      {
        name: 'content',
        type: ['null', { type: 'record', name: `${recordName}Content`, fields: [...contentFields] }],
        default: null,
      },
      { name: 'visibility', type: 'string', default: 'public' },
      { name: 'customFields', type: 'string' },
      { name: 'relations', type: { type: 'array', items: relationSchema }, default: [] },
      { name: 'occurredAt', type: ['null', 'long'], default: null },
      { name: 'observedAt', type: 'long' },
      { name: 'derived', type: 'boolean', default: false },
      { name: 'runId', type: ['null', 'string'], default: null },
      { name: 'lineage', type: lineageSchema },
    ],
  } as Schema;
}

const relationSchema = {
  type: 'record',
  name: 'Relation',
  fields: ['type', 'kind', 'externalId', 'id'].map((name) => ({ name, type: 'string' })),
};

const lineageSchema = {
  type: 'record',
  name: 'Lineage',
  fields: [
    { name: 'topic', type: 'string' },
    { name: 'partition', type: 'int' },
    { name: 'offset', type: 'long' },
    { name: 'index', type: 'int' },
  ],
};
