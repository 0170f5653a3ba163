import { routed, routingFunction, rowSecurity } from './policies.ts';

const WORK_COLUMNS = `
      id uuid primary key,
      organization_id uuid not null,
      connection_id uuid not null,
      vendor text not null,
      account text not null,
      partition int not null,
      kind text not null,
      external_id text not null,
      lane text not null check (lane in ('live', 'write-back', 'reconcile', 'backfill')),
      expect_version bigint,
      expect_at_least bigint,
      expect_presence text not null default 'any' check (expect_presence in ('any', 'exists', 'gone')),
      asked_by jsonb not null default '[]',
      traceparent text not null default '',
      attempt int not null default 0,
      failures int not null default 0,
      epoch bigint,
      requested_at timestamptz not null,
      enqueued_at timestamptz not null default now(),
      started_at timestamptz`;

export const work = {
  name: 'work of the pollers',
  sql: `
    -- One line per vendor account. It outlives connections: a read stamp is never given twice.
    create table tributary.shard (
      organization_id uuid not null,
      vendor text not null,
      account text not null,
      epoch bigint not null default 0,
      stamp_bound bigint not null default 0,
      primary key (organization_id, vendor, account)
    );
    ${rowSecurity('shard')}
    grant select, insert, update on tributary.shard to tributary_poller;

    -- A read that waits to be repeated counts as not started: what is asked meanwhile joins it.
    create table tributary.work (${WORK_COLUMNS},
      state text not null default 'waiting' check (state in ('waiting', 'started')),
      not_before timestamptz not null default now()
    ) with (fillfactor = 70);
    create unique index work_waiting on tributary.work (connection_id, kind, external_id) where state = 'waiting';
    create index work_due on tributary.work (vendor, partition, not_before);
    ${rowSecurity('work')}
    ${routed('work')}
    grant select, insert, update, delete on tributary.work to tributary_poller;

    create table tributary.work_done (${WORK_COLUMNS},
      outcome text not null,
      finished_at timestamptz not null default now(),
      raw_topic text,
      raw_partition int,
      raw_offset bigint
    );
    create index work_done_by_time on tributary.work_done (finished_at);
    ${rowSecurity('work_done')}
    grant select, insert on tributary.work_done to tributary_poller;
    grant select on tributary.shard, tributary.work, tributary.work_done to tributary_admin;

    -- What waits, without what the asker has in hand: first what may run now, most urgent lane first, then what is due next.
    -- The rows themselves are then read under the organization's own policy.
    create function tributary.next_work(vendor text, partitions int[], in_hand uuid[], max int)
    returns table (id uuid, organization_id uuid, account text, due_in_ms float8)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
      select work.id, work.organization_id, work.account,
        greatest(0, ceil(1000 * extract(epoch from work.not_before - now())))::float8
      from tributary.work
      where work.vendor = next_work.vendor and work.partition = any (partitions)
        and work.state = 'waiting' and work.id <> all (in_hand)
      order by work.not_before > now(),
        case when work.not_before <= now() then array_position(array['live', 'write-back', 'reconcile', 'backfill'], work.lane) end,
        work.not_before
      limit max
    $$;
    ${routingFunction('next_work(text, int[], uuid[], int)', 'tributary_poller')}

    -- Work that an owner left started when it died; the next owner of the partitions takes it back.
    create function tributary.started_work(vendor text, partitions int[])
    returns table (id uuid, organization_id uuid, account text, epoch bigint)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
      select work.id, work.organization_id, work.account, work.epoch
      from tributary.work
      where work.vendor = started_work.vendor and work.partition = any (partitions) and work.state = 'started'
    $$;
    ${routingFunction('started_work(text, int[])', 'tributary_poller')}`,
};
