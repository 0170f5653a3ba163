import type { Body } from './merge.ts';

/** Timestamps travel as microseconds; multiplying an interval by a whole double below 2^53 is exact. */
export const asTime = (micros: string): string => `timestamptz 'epoch' + ${micros} * interval '1 microsecond'`;
export const asMicros = (time: string): string => `(extract(epoch from ${time}) * 1000000)::bigint`;

/** The columns of a body, in the order of BODY_COLUMNS. */
export const bodyArrays = (bodies: readonly Body[]): unknown[] => [
  bodies.map(({ content }) => (content === null ? null : JSON.stringify(content))),
  bodies.map(({ customFields }) => customFields),
  bodies.map(({ relations }) => JSON.stringify(relations)),
  bodies.map(({ visibility }) => visibility),
  bodies.map(({ occurredAt }) => occurredAt),
  bodies.map(({ observedAt }) => observedAt),
  bodies.map(({ runId }) => runId),
  bodies.map(({ lineage }) => lineage.topic),
  bodies.map(({ lineage }) => lineage.partition),
  bodies.map(({ lineage }) => lineage.offset),
  bodies.map(({ lineage }) => lineage.index),
];

export const BODY_COLUMNS = `content, custom_fields, relations, visibility, occurred_at, observed_at, run_id,
  lineage_topic, lineage_partition, lineage_offset, lineage_index`;

export const bodyParameters = (first: number): string =>
  ['text', 'text', 'text', 'text', 'bigint', 'bigint', 'text', 'text', 'int', 'bigint', 'int']
    .map((type, index) => `$${first + index}::${type}[]`)
    .join(', ');

export const BODY_VALUES = `content::jsonb, custom_fields::jsonb, relations::jsonb, visibility, ${asTime('occurred_at')},
  ${asTime('observed_at')}, run_id, lineage_topic, lineage_partition, lineage_offset, lineage_index`;
