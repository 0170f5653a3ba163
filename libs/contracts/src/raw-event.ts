import type { Schema } from 'avsc';

/** Where a raw offset is; every later stage carries these, so that each can be accounted for. */
export interface RawRef {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export type Door = 'webhook' | 'fetch';
export type Lane = 'live' | 'write-back' | 'reconcile' | 'backfill';

/** What every door publishes: the bytes as received and what is known without parsing them. */
export interface RawEvent {
  readonly eventId: string;
  readonly organizationId: string;
  readonly connectionId: string;
  readonly vendor: string;
  /** The vendor's own id of the customer's account. */
  readonly account: string;
  readonly door: Door;
  /** The record kind a read was for; null at the webhook door, where the mapping finds out. */
  readonly kind: string | null;
  /** The object a read was for; null at the webhook door. */
  readonly externalId: string | null;
  /** Microseconds. */
  readonly receivedAt: number;
  /** See order-key.ts; 0 at the webhook door. */
  readonly readStamp: number;
  /** On the last repeat of a read that still shows a lower version: the version the row already has. */
  readonly atLeast: number | null;
  /** HTTP status of the vendor's answer to a read; 0 at the webhook door. */
  readonly status: number;
  readonly lane: Lane;
  readonly runId: string | null;
  /** The raw offsets whose work this read is. */
  readonly askedBy: readonly RawRef[];
  readonly traceparent: string;
  /** The vendor's headers that a mapping may need, lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

export const rawRefSchema = {
  type: 'record',
  name: 'RawRef',
  fields: [
    { name: 'topic', type: 'string' },
    { name: 'partition', type: 'int' },
    { name: 'offset', type: 'long' },
  ],
} as const satisfies Schema;

export const rawEventSchema: Schema = {
  type: 'record',
  name: 'RawEvent',
  namespace: 'tributary',
  fields: [
    { name: 'eventId', type: 'string' },
    { name: 'organizationId', type: 'string' },
    { name: 'connectionId', type: 'string' },
    { name: 'vendor', type: 'string' },
    { name: 'account', type: 'string' },
    { name: 'door', type: 'string' },
    { name: 'kind', type: ['null', 'string'], default: null },
    { name: 'externalId', type: ['null', 'string'], default: null },
    { name: 'receivedAt', type: 'long' },
    { name: 'readStamp', type: 'long' },
    { name: 'atLeast', type: ['null', 'long'], default: null },
    { name: 'status', type: 'int' },
    { name: 'lane', type: 'string' },
    { name: 'runId', type: ['null', 'string'], default: null },
    { name: 'askedBy', type: { type: 'array', items: rawRefSchema }, default: [] },
    { name: 'traceparent', type: 'string', default: '' },
    { name: 'headers', type: { type: 'map', values: 'string' }, default: {} },
    { name: 'payload', type: 'bytes' },
  ],
};
