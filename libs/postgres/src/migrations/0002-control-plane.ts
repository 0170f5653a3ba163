import { routed, routingFunction, rowSecurity } from './policies.ts';

export const controlPlane = {
  name: 'control plane',
  sql: `
    create table tributary.organization (
      id uuid primary key,
      name text not null,
      created_at timestamptz not null default now()
    );
    ${rowSecurity('organization', 'id')}
    grant select, insert, update, delete on tributary.organization to tributary_admin;

    create table tributary.connection (
      id uuid primary key,
      organization_id uuid not null references tributary.organization,
      vendor text not null,
      account text not null,
      name text not null,
      status text not null default 'draft'
        check (status in ('draft', 'active', 'paused', 'needs_reauthorization', 'disabled')),
      base_url text,
      settings jsonb not null default '{}',
      created_at timestamptz not null default now()
    );
    create index connection_by_account on tributary.connection (vendor, account);
    ${rowSecurity('connection')}
    ${routed('connection')}
    grant select, insert, update, delete on tributary.connection to tributary_admin;
    grant select on tributary.connection to tributary_poller;

    -- One key per organization and purpose, wrapped by the service's key ring; secrets are encrypted with it.
    create table tributary.data_key (
      organization_id uuid not null references tributary.organization,
      purpose text not null check (purpose in ('grants', 'webhooks')),
      version int not null,
      kek_id text not null,
      wrapped text not null,
      created_at timestamptz not null default now(),
      primary key (organization_id, purpose, version)
    );
    ${rowSecurity('data_key')}
    ${routed('data_key')}
    grant select, insert, update, delete on tributary.data_key to tributary_admin;
    grant select on tributary.data_key to tributary_poller;

    -- While a secret is being changed, the old version stands beside the new one. A ciphertext names its data key itself.
    create table tributary.credential (
      connection_id uuid not null references tributary.connection on delete cascade,
      organization_id uuid not null,
      purpose text not null,
      field text not null,
      version int not null,
      ciphertext text not null,
      created_at timestamptz not null default now(),
      primary key (connection_id, purpose, field, version)
    );
    ${rowSecurity('credential')}
    ${routed('credential')}
    grant select, insert, update, delete on tributary.credential to tributary_admin;
    grant select on tributary.credential to tributary_poller;

    create view tributary.webhook_endpoint with (security_invoker = true) as
    select
      connection.id as connection_id,
      connection.organization_id,
      connection.vendor,
      connection.account,
      connection.status,
      coalesce((
        select jsonb_agg(jsonb_build_object('field', field, 'version', version, 'ciphertext', ciphertext)
                 order by field, version desc)
        from tributary.credential
        where credential.connection_id = connection.id and purpose = 'webhooks'), '[]') as secrets,
      coalesce((
        select jsonb_agg(jsonb_build_object('version', version, 'kekId', kek_id, 'wrapped', wrapped) order by version desc)
        from tributary.data_key
        where data_key.organization_id = connection.organization_id and purpose = 'webhooks'), '[]') as data_keys
    from tributary.connection
    where connection.status <> 'draft';
    grant select on tributary.webhook_endpoint to tributary_admin, tributary_routing;

    create function tributary.list_webhook_endpoints()
    returns setof tributary.webhook_endpoint
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select * from tributary.webhook_endpoint $$;
    ${routingFunction('list_webhook_endpoints()', 'tributary_gateway')}

    create function tributary.list_connections_for_poller(vendors text[])
    returns table (connection_id uuid, organization_id uuid, vendor text, account text, status text, base_url text, settings jsonb)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
      select id, organization_id, vendor, account, status, base_url, settings
      from tributary.connection
      where vendor = any (vendors) and status <> 'draft'
    $$;
    ${routingFunction('list_connections_for_poller(text[])', 'tributary_poller')}

    -- People and Apex: one login, one organization. Only the owner binds; a reader sees its own line.
    create table tributary.reader (
      role_name name primary key,
      organization_id uuid not null references tributary.organization,
      created_at timestamptz not null default now()
    );
    alter table tributary.reader enable row level security;
    alter table tributary.reader force row level security;
    create policy binding on tributary.reader to current_user using (true);
    create policy reader on tributary.reader for select to tributary_reader using (role_name = current_user);
    grant select on tributary.reader to tributary_reader;

    create table tributary.schema_id (
      subject text not null,
      id int not null,
      schema text not null,
      registered_at timestamptz not null default now(),
      primary key (subject, id)
    );
    -- A topic that is made anew gets a new incarnation, so that a position of the old one is never taken for its own.
    create table tributary.topic (
      name text primary key,
      incarnation uuid not null,
      cluster_id text not null,
      created_at timestamptz not null default now()
    );
    -- The database decides where a consumer goes on: rows and position change in one transaction.
    create table tributary.position (
      consumer text not null,
      topic text not null,
      partition int not null,
      next_offset bigint not null,
      cluster_id text not null,
      incarnation uuid not null,
      updated_at timestamptz not null default now(),
      primary key (consumer, topic, partition)
    ) with (fillfactor = 50);
    grant select on tributary.schema_id, tributary.topic
      to tributary_gateway, tributary_transformer, tributary_writer, tributary_poller, tributary_admin;
    grant insert, update on tributary.schema_id, tributary.topic to tributary_admin;
    grant select, insert, update on tributary.position to tributary_transformer, tributary_writer, tributary_poller;
    grant select on tributary.position to tributary_admin;`,
};
