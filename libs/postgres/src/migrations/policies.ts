const SERVICES = 'tributary_gateway, tributary_transformer, tributary_writer, tributary_poller, tributary_admin';

/**
 * Row-level security of a table with organization data. The list of organizations is read once per statement (the inner
 * select), never once per row; it holds for the owner too (force), and no role may bypass it.
 */
export const rowSecurity = (table: string, column = 'organization_id', roles = SERVICES): string => `
  alter table tributary.${table} enable row level security;
  alter table tributary.${table} force row level security;
  create policy tenants on tributary.${table}
    to ${roles}
    using (${column} = any ((select coalesce(nullif(current_setting('app.tenants', true), '')::uuid[], '{}'))::uuid[]));`;

/** For the listed functions that answer across organizations, with ids and routing data only. */
export const routed = (table: string): string => `
  grant select on tributary.${table} to tributary_routing;
  create policy routing on tributary.${table} for select to tributary_routing using (true);`;

/** A reader sees the organization that its own name is bound to, whatever it sets; rows that are not public need a grant. */
export const readable = (table: string, where = ''): string => `
  grant select on tributary.${table} to tributary_reader;
  create policy reader on tributary.${table} for select to tributary_reader
    using (organization_id = (select organization_id from tributary.reader where role_name = current_user)${where});`;

export const VISIBLE = ` and (visibility = 'public' or visibility = any
      ((select coalesce(nullif(current_setting('app.viewer_grants', true), '')::text[], '{}'))::text[]))`;

/**
 * Hands a function to the role that may look across organizations, and to nobody but its caller. Rights first: once it is
 * handed over they are no longer the owner's to give, and Postgres only warns.
 */
export const routingFunction = (signature: string, caller: string): string => `
  revoke all on function tributary.${signature} from public;
  grant execute on function tributary.${signature} to ${caller};
  alter function tributary.${signature} owner to tributary_routing;`;
