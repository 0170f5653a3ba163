import pg from 'pg';
import { codeOf, translate } from './errors.ts';
import { withOwner } from './owner.ts';

export const SERVICE_ROLES = [
  'tributary_gateway',
  'tributary_transformer',
  'tributary_writer',
  'tributary_poller',
  'tributary_replayer',
  'tributary_admin',
] as const;
export type ServiceRole = (typeof SERVICE_ROLES)[number];

/** Gives each service role a login. Roles belong to the cluster, so every database of it shares these passwords. */
export async function ensureServiceLogins(
  ownerUrl: string,
  passwords: Readonly<Record<ServiceRole, string>>,
): Promise<void> {
  await withOwner(ownerUrl, async (client) => {
    for (const role of SERVICE_ROLES) await setLogin(client, role, passwords[role]);
  });
}

export interface ReaderOptions {
  readonly organizationId: string;
  readonly role: string;
  readonly password: string;
}

/** A login for people or Apex that sees one organization and can never be talked into another. */
export async function createReader(ownerUrl: string, { organizationId, role, password }: ReaderOptions): Promise<void> {
  await withOwner(ownerUrl, async (client) => {
    await createRole(client, role);
    await setLogin(client, role, password);
    await retrying(() => client.query(`grant tributary_reader to ${pg.escapeIdentifier(role)}`));
    await client.query(
      `insert into tributary.reader (role_name, organization_id) values ($1, $2)
       on conflict (role_name) do update set organization_id = excluded.organization_id`,
      [role, organizationId],
    );
  });
}

async function createRole(client: pg.Client, role: string): Promise<void> {
  try {
    await client.query(`create role ${pg.escapeIdentifier(role)} nologin`);
  } catch (error) {
    if (!ALREADY_THERE.has(codeOf(error) ?? '')) throw error;
  }
}

async function setLogin(client: pg.Client, role: string, password: string): Promise<void> {
  const statement = `alter role ${pg.escapeIdentifier(role)} login password ${pg.escapeLiteral(password)}`;
  await retrying(() => client.query(statement));
}

/** Duplicate object; or, where two create the same at once, the unique index of the catalogue. */
const ALREADY_THERE = new Set(['42710', '23505']);

/** Two databases of one cluster may change the same role at once: Postgres then refuses one with XX000, "tuple concurrently updated". */
async function retrying(change: () => Promise<unknown>, attempts = 10): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (attempts > 1 && codeOf(error) === 'XX000') return retrying(change, attempts - 1);
    throw translate(error);
  }
}
