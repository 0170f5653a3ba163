import { twoOrganizations } from '@tributary/testing';
import { createReader, inTransaction, type Pool } from './index.ts';

const { ours: ACME, theirs: OTHER, stack, database, open, service } = await twoOrganizations();

async function insertRecord(organizationId: string, id: string, visibility = 'public'): Promise<void> {
  await inTransaction(service('tributary_writer'), [organizationId], (client) =>
    client.query(
      `insert into tributary.record (id, organization_id, connection_id, vendor, account, kind, external_id, operation,
         existence_stamp, order_key, source_version, read_stamp, mapping_version, checksum, content, visibility,
         observed_at, recorded_at, lineage_topic, lineage_partition, lineage_offset, lineage_index)
       values ($1, $2, $2, 'acme', 'a', 'conversation', 'x', 'observed', 1, '\\x01', 1, 1, 1, 'c', '{}', $3, now(), now(), 't', 0, 0, 0)`,
      [id, organizationId, visibility],
    ),
  );
}

const loginAs = (role: string, password: string): Pool =>
  open(Object.assign(new URL(database.ownerUrl), { username: role, password }).href);

describe('row-level security', () => {
  it('is forced on every table with a column of an organization', async () => {
    const { rows } = await open(database.ownerUrl).query<{ relname: string }>(
      `select relname from pg_class join pg_attribute on attrelid = pg_class.oid
       where relnamespace = 'tributary'::regnamespace and relkind = 'r' and attname = 'organization_id'
         and not (relrowsecurity and relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
  });

  it("shows and takes rows of the transaction's organizations alone", async () => {
    const writer = service('tributary_writer');
    const id = crypto.randomUUID();
    await insertRecord(ACME, id);
    const count = (tenants: string[]) =>
      inTransaction(writer, tenants, async (client) => {
        return (await client.query('select from tributary.record where id = $1', [id])).rowCount;
      });
    expect(await count([ACME])).toBe(1);
    expect(await count([OTHER, ACME])).toBe(1);
    expect(await count([OTHER])).toBe(0);
    expect(await count([])).toBe(0);
    await expect(
      inTransaction(writer, [OTHER], (client) =>
        client
          .query('update tributary.record set organization_id = $1', [ACME])
          .then(() =>
            client.query("insert into tributary.record_existence values ($1, $2, 'observed', 1, 1, '{1}')", [id, ACME]),
          ),
      ),
    ).rejects.toThrow('row-level security');
  });

  it('forgets the organizations with the transaction, so that a pooled connection carries nothing over', async () => {
    const writer = service('tributary_writer');
    await inTransaction(writer, [ACME], async () => undefined);
    expect((await writer.query('select from tributary.record')).rowCount).toBe(0);
  });

  it('binds a reader to its organization, whatever it sets', async () => {
    const [mine, theirs] = [crypto.randomUUID(), crypto.randomUUID()];
    await insertRecord(ACME, mine);
    await insertRecord(OTHER, theirs);
    const role = `reader_${Date.now()}`;
    await createReader(database.ownerUrl, { organizationId: ACME, role, password: 'secret' });
    const reader = loginAs(role, 'secret');
    const ids = async (tenants: string[]) =>
      inTransaction(reader, tenants, async (client) => {
        const found = await client.query<{ id: string }>('select id from tributary.record where id = any($1)', [
          [mine, theirs],
        ]);
        return found.rows.map((row) => row.id);
      });
    expect(await ids([])).toEqual([mine]);
    expect(await ids([OTHER])).toEqual([mine]);
    await expect(reader.query('update tributary.reader set organization_id = $1', [OTHER])).rejects.toThrow(
      'permission denied',
    );
    await expect(reader.query('select from tributary.credential')).rejects.toThrow('permission denied');
    await expect(reader.query('select tributary.list_webhook_endpoints()')).rejects.toThrow('permission denied');
  });

  it('shows a reader what is public, and more only by a grant of the viewer', async () => {
    const [open, closed] = [crypto.randomUUID(), crypto.randomUUID()];
    await insertRecord(ACME, open);
    await insertRecord(ACME, closed, 'restricted');
    const role = `viewer_${Date.now()}`;
    await createReader(database.ownerUrl, { organizationId: ACME, role, password: 'secret' });
    const seen = (grants: string) =>
      inTransaction(loginAs(role, 'secret'), [], async (client) => {
        await client.query("select set_config('app.viewer_grants', $1, true)", [grants]);
        return (await client.query('select from tributary.record where id = any($1)', [[open, closed]])).rowCount;
      });
    expect(await seen('')).toBe(1);
    expect(await seen('{private}')).toBe(1);
    expect(await seen('{private,restricted}')).toBe(2);
  });

  it('is bypassed by no role of ours', async () => {
    const { rows } = await service('tributary_admin').query(
      "select rolname from pg_roles where rolname like 'tributary%' and rolbypassrls and not rolsuper",
    );
    expect(rows).toEqual([]);
  });

  it('keeps what may look across organizations from everybody but its one caller', async () => {
    const { rows } = await open(stack.superuserUrl.replace(/[^/]*$/, database.name)).query<{
      who: string;
      what: string;
    }>(
      `select grantee::regrole::text as who, proname as what from pg_proc, aclexplode(proacl)
       where pronamespace = 'tributary'::regnamespace and grantee <> proowner order by what`,
    );
    expect(rows).toEqual([
      { who: 'tributary_replayer', what: 'count_dead_letters' },
      { who: 'tributary_replayer', what: 'due_letters' },
      { who: 'tributary_poller', what: 'list_connections_for_poller' },
      { who: 'tributary_gateway', what: 'list_webhook_endpoints' },
      { who: 'tributary_poller', what: 'next_work' },
      { who: 'tributary_poller', what: 'started_work' },
    ]);
  });
});
