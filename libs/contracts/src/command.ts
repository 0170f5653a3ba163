import type { Schema } from 'avsc';
import { rawRefSchema, type Lane, type RawRef } from './raw-event.ts';

/** What a read must show to be believed at once; else it is repeated (read lag). */
export interface Expectation {
  /** The vendor's version in microseconds that the read must reach; null where none is known. */
  readonly version: number | null;
  /** The version the row already has, where the writer asked: the last repeat is ordered at least there (a vendor may restore an older state). */
  readonly atLeast: number | null;
  readonly presence: 'any' | 'exists' | 'gone';
}

export interface Command {
  readonly commandId: string;
  readonly type: 'fetch';
  readonly organizationId: string;
  readonly connectionId: string;
  readonly vendor: string;
  readonly account: string;
  readonly kind: string;
  readonly externalId: string;
  readonly expectation: Expectation;
  readonly lane: Lane;
  readonly askedBy: readonly RawRef[];
  /** Microseconds. */
  readonly requestedAt: number;
  readonly traceparent: string;
}

export const commandSchema: Schema = {
  type: 'record',
  name: 'Command',
  namespace: 'tributary',
  fields: [
    { name: 'commandId', type: 'string' },
    { name: 'type', type: 'string' },
    { name: 'organizationId', type: 'string' },
    { name: 'connectionId', type: 'string' },
    { name: 'vendor', type: 'string' },
    { name: 'account', type: 'string' },
    { name: 'kind', type: 'string' },
    { name: 'externalId', type: 'string' },
    {
      name: 'expectation',
      type: {
        type: 'record',
        name: 'Expectation',
        fields: [
          { name: 'version', type: ['null', 'long'], default: null },
          { name: 'atLeast', type: ['null', 'long'], default: null },
          { name: 'presence', type: 'string', default: 'any' },
        ],
      },
    },
    { name: 'lane', type: 'string' },
    { name: 'askedBy', type: { type: 'array', items: rawRefSchema }, default: [] },
    { name: 'requestedAt', type: 'long' },
    { name: 'traceparent', type: 'string', default: '' },
  ],
};
