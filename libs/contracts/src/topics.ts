import type { Schema } from 'avsc';
import { accountingSchema } from './accounting.ts';
import { commandSchema } from './command.ts';
import { rawEventSchema } from './raw-event.ts';
import { recordSchemas, type RecordKind } from './record-kinds.ts';

/** Stages that can park a record with its original bytes. */
export const STAGES = ['transform', 'write', 'fetch'] as const;
export type Stage = (typeof STAGES)[number];

export interface TopicNames {
  raw(vendor: string): string;
  normalized(kind: RecordKind): string;
  commands(vendor: string): string;
  readonly accounting: string;
  failed(stage: Stage): string;
}

/** `prefix` separates installations on one cluster; empty by default. */
export function topicNames(prefix = ''): TopicNames {
  const root = `${prefix}tributary`;
  return {
    raw: (vendor) => `${root}.raw.${vendor}`,
    normalized: (kind) => `${root}.normalized.${kind}`,
    commands: (vendor) => `${root}.commands.${vendor}`,
    accounting: `${root}.accounting`,
    failed: (stage) => `${root}.failed.${stage}`,
  };
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
  /** Null where values are the original bytes of another topic. */
  readonly schema: Schema | null;
  /** Public topics are read by programs that are not ours, so their schemas only ever grow. */
  readonly isPublic: boolean;
}

const DAY_MS = 86_400_000;
const deleteAfter = (days: number) => ({ 'cleanup.policy': 'delete', 'retention.ms': String(days * DAY_MS) });
/** A body of 4 MiB and what Kafka adds. */
const LARGEST_RECORD = 4 * 1024 * 1024 + 65_536;
const compacted = {
  'cleanup.policy': 'compact',
  'delete.retention.ms': String(30 * DAY_MS),
  'max.compaction.lag.ms': String(DAY_MS),
  'max.message.bytes': String(LARGEST_RECORD),
};

/** Every topic of an installation, declared once; partition counts of keyed topics never change. */
export function topicTable(names: TopicNames, vendors: readonly string[], kinds: readonly RecordKind[]): TopicSpec[] {
  const internal = (name: string, partitions: number, days: number, schema: Schema | null): TopicSpec => ({
    name,
    partitions,
    config: deleteAfter(days),
    schema,
    isPublic: false,
  });
  return [
    ...vendors.map((vendor) => internal(names.raw(vendor), 6, 30, rawEventSchema)),
    ...vendors.map((vendor) => internal(names.commands(vendor), 12, 7, commandSchema)),
    ...kinds.map((kind): TopicSpec => ({
      name: names.normalized(kind),
      partitions: 6,
      config: compacted,
      schema: recordSchemas[kind],
      isPublic: true,
    })),
    internal(names.accounting, 6, 30, accountingSchema),
    ...STAGES.map((stage) => failed(names.failed(stage))),
  ];
}

/** Whatever a topic holds must find room here, with headers that say why it is here: else it could never be parked. */
const failed = (name: string): TopicSpec => ({
  name,
  partitions: 3,
  config: { ...deleteAfter(90), 'max.message.bytes': String(LARGEST_RECORD + 65_536) },
  schema: null,
  isPublic: false,
});
