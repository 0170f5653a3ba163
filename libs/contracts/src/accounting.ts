import type { Schema } from 'avsc';

/** What the transformer made of one raw offset. */
export type RawOutcome = 'mapped' | 'fetch' | 'filtered' | 'dead';

/** What became of raw offsets of one partition, in offset order. */
export interface Accounting {
  readonly rawTopic: string;
  readonly partition: number;
  readonly outcomes: readonly { readonly offset: number; readonly outcome: RawOutcome; readonly detail: string }[];
}

export const accountingSchema: Schema = {
  type: 'record',
  name: 'Accounting',
  namespace: 'tributary',
  fields: [
    { name: 'rawTopic', type: 'string' },
    { name: 'partition', type: 'int' },
    {
      name: 'outcomes',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'RawOutcome',
          fields: [
            { name: 'offset', type: 'long' },
            { name: 'outcome', type: 'string' },
            { name: 'detail', type: 'string', default: '' },
          ],
        },
      },
    },
  ],
};
