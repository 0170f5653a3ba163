import { createRole } from './0001-roles.ts';
import { routed, routingFunction, rowSecurity } from './policies.ts';

export const deadLetters = {
  name: 'dead letters',
  sql: `
    ${createRole('tributary_replayer')}
    grant usage on schema tributary to tributary_replayer;
    grant select on tributary.schema_id, tributary.topic to tributary_replayer;
    grant select, insert, update on tributary.position to tributary_replayer;

    -- An index of what lies on the failed topics: the bytes stay there. What nobody can read belongs to the nil organization.
    create table tributary.dead_letter (
      id uuid primary key,
      organization_id uuid not null,
      stage text not null,
      class text not null check (class in ('permanent', 'transient')),
      reason text not null,
      cause text not null,
      origin_topic text not null,
      origin_partition int not null,
      origin_offset bigint not null,
      letter_topic text not null,
      letter_partition int not null,
      letter_offset bigint not null,
      key text,
      attempt int not null,
      app text not null,
      version text not null,
      state text not null default 'open' check (state in ('open', 'replaying', 'replayed', 'discarded')),
      first_at timestamptz not null,
      last_at timestamptz not null,
      -- When it is to be sent back; null: only when somebody says so.
      next_try_at timestamptz,
      decided_by text,
      discard_reason text,
      check ((state = 'discarded') = (discard_reason is not null)),
      check (next_try_at is null or state in ('open', 'replaying'))
    ) with (fillfactor = 70);
    create index dead_letter_due on tributary.dead_letter (next_try_at) where next_try_at is not null;
    create index dead_letter_open on tributary.dead_letter (stage, class) where state = 'open';
    create index dead_letter_by_time on tributary.dead_letter (organization_id, first_at desc, id desc);
    ${rowSecurity('dead_letter', 'organization_id', 'tributary_replayer, tributary_admin')}
    ${routed('dead_letter')}
    grant select, insert, update on tributary.dead_letter to tributary_replayer;
    grant select on tributary.dead_letter to tributary_admin;
    grant update (state, next_try_at, decided_by, discard_reason) on tributary.dead_letter to tributary_admin;

    -- What waits to be sent back, the longest due first. The rows themselves are then read under their organization's policy.
    create function tributary.due_letters(max int)
    returns table (id uuid, organization_id uuid, due_in_ms float8)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
      select letter.id, letter.organization_id,
        greatest(0, ceil(1000 * extract(epoch from letter.next_try_at - clock_timestamp())))::float8
      from tributary.dead_letter as letter
      where letter.next_try_at is not null
      order by letter.next_try_at
      limit max
    $$;
    ${routingFunction('due_letters(int)', 'tributary_replayer')}

    create function tributary.count_dead_letters()
    returns table (stage text, class text, count bigint)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select stage, class, count(*) from tributary.dead_letter where state = 'open' group by stage, class $$;
    ${routingFunction('count_dead_letters()', 'tributary_replayer')}`,
};
