/** Roles belong to the cluster: another database of it may have made them already, or be making them now. */
const ROLES = [
  'tributary_gateway',
  'tributary_transformer',
  'tributary_writer',
  'tributary_poller',
  'tributary_admin',
  'tributary_reader',
  'tributary_routing',
];

export const createRole = (role: string): string => `
  do $$ begin
    if not exists (select from pg_roles where rolname = '${role}') then
      create role ${role} nologin;
    end if;
  exception when duplicate_object or unique_violation then null;
  end $$;`;

export const roles = {
  name: 'roles',
  sql: `
    ${ROLES.map(createRole).join('')}
    -- The owner hands functions to tributary_routing, so it must be able to become it, but not see with its eyes; a superuser already can.
    do $$ begin
      if not pg_has_role(current_user, 'tributary_routing', 'set') then
        execute format('grant tributary_routing to %I with inherit false, set true', current_user);
      end if;
    end $$;
    revoke all on schema tributary from public;
    grant usage on schema tributary to ${ROLES.join(', ')};
    grant create on schema tributary to tributary_routing;`,
};
