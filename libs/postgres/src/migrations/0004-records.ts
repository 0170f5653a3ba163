import { readable, rowSecurity, VISIBLE } from './policies.ts';

/** What belongs to a content: the same in the row and in its history. */
const CONTENT_COLUMNS = `
      checksum text,
      content jsonb,
      custom_fields jsonb not null default '{}',
      relations jsonb not null default '[]',
      visibility text not null default 'public',
      occurred_at timestamptz,
      observed_at timestamptz not null,
      run_id text,
      lineage_topic text not null,
      lineage_partition int not null,
      lineage_offset bigint not null,
      lineage_index int not null`;

export const records = {
  name: 'records',
  sql: `
    -- Two registers: content ordered by order_key, existence ordered by existence_stamp.
    -- Outside the primary key no column that an update changes is indexed, so updates stay on their page (HOT).
    create table tributary.record (
      id uuid primary key,
      organization_id uuid not null,
      connection_id uuid not null,
      vendor text not null,
      account text not null,
      kind text not null,
      external_id text not null,
      operation text not null check (operation in ('observed', 'deleted', 'not_visible')),
      existence_stamp bigint not null,
      order_key bytea not null,
      source_version bigint not null,
      read_stamp bigint not null,
      mapping_version int not null,${CONTENT_COLUMNS},
      deleted_at timestamptz,
      recorded_at timestamptz not null
    ) with (fillfactor = 70);
    create index record_by_kind on tributary.record (organization_id, kind);
    ${rowSecurity('record')}
    ${readable('record', VISIBLE)}

    -- One row per run of equal (source version, checksum) within a mapping version, in order-key order.
    create table tributary.record_version (
      record_id uuid not null,
      organization_id uuid not null,
      mapping_version int not null,
      source_version bigint not null,
      first_stamp bigint not null,
      last_stamp bigint not null,
      stamps bigint[] not null,${CONTENT_COLUMNS},
      primary key (record_id, mapping_version, source_version, first_stamp, checksum)
    ) with (fillfactor = 80);
    ${rowSecurity('record_version')}
    ${readable('record_version', VISIBLE)}

    -- One row per run of equal operation, by stamp.
    create table tributary.record_existence (
      record_id uuid not null,
      organization_id uuid not null,
      operation text not null,
      first_stamp bigint not null,
      last_stamp bigint not null,
      stamps bigint[] not null,
      primary key (record_id, first_stamp, operation)
    ) with (fillfactor = 80);
    ${rowSecurity('record_existence')}
    ${readable('record_existence')}

    grant select, insert, update on tributary.record to tributary_writer;
    grant select, insert, update, delete on tributary.record_version, tributary.record_existence to tributary_writer;
    grant select on tributary.record, tributary.record_version, tributary.record_existence to tributary_admin;`,
};
