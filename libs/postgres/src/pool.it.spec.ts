import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { twoOrganizations } from '@tributary/testing';
import { inTransaction, isDataFault, readSchemas, readTopic, storeSchemas, storeTopic, type Sql } from './index.ts';

const { ours: ACME, theirs: OTHER, stack, database, open, service } = await twoOrganizations();

/** A way to the server that can die as one does when a firewall forgets its connections: all stays open and nothing passes. */
async function openLink({ href, host, hostname, port }: URL) {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect({ host: hostname, port: Number(port) });
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) sockets.push(socket.on('error', () => undefined));
  });
  server.listen(0, hostname);
  await once(server, 'listening');
  return {
    url: href.replace(host, `${hostname}:${(server.address() as AddressInfo).port}`),
    fallSilent: () => sockets.forEach((socket) => socket.unpipe().pause()),
    close: () => (server.close(), sockets.forEach((socket) => socket.destroy())),
  };
}

describe('the listed functions', () => {
  it('give the gateway every endpoint with its sealed secrets and the wrapped keys of webhooks alone', async () => {
    const connectionId = crypto.randomUUID();
    await inTransaction(service('tributary_admin'), [ACME], async (client) => {
      await client.query(
        "insert into tributary.connection (id, organization_id, vendor, account, name, status) values ($1, $2, 'acme', 'a1', 'n', 'active')",
        [connectionId, ACME],
      );
      for (const purpose of ['webhooks', 'grants']) {
        await client.query("insert into tributary.data_key values ($1, $2, 1, 'k1', 'wrapped-key')", [ACME, purpose]);
        await client.query("insert into tributary.credential values ($1, $2, $3, 'secret', 1, 'sealed')", [
          connectionId,
          ACME,
          purpose,
        ]);
      }
    });
    const { rows } = await service('tributary_gateway').query('select * from tributary.list_webhook_endpoints()');
    expect(rows).toEqual([
      {
        connection_id: connectionId,
        organization_id: ACME,
        vendor: 'acme',
        account: 'a1',
        status: 'active',
        secrets: [{ field: 'secret', version: 1, ciphertext: 'sealed' }],
        data_keys: [{ version: 1, kekId: 'k1', wrapped: 'wrapped-key' }],
      },
    ]);
  });

  it('name the next work of the asked partitions across organizations, what is due first, most urgent lane first', async () => {
    const poller = service('tributary_poller');
    const ids = {
      live: crypto.randomUUID(),
      backfill: crypto.randomUUID(),
      later: crypto.randomUUID(),
      inHand: crypto.randomUUID(),
      elsewhere: crypto.randomUUID(),
    };
    const put = (id: string, organization: string, lane: string, partition: number, notBefore: string) =>
      inTransaction(poller, [organization], (client) =>
        client.query(
          `insert into tributary.work (id, organization_id, connection_id, vendor, account, partition, kind, external_id, lane, requested_at, not_before)
           values ($1, $2, $2, 'duevendor', 'a', $4, 'message', $6, $3, now(), $5)`,
          [id, organization, lane, partition, notBefore, id],
        ),
      );
    await put(ids.backfill, ACME, 'backfill', 1, '2026-01-01T00:00:00Z');
    await put(ids.live, OTHER, 'live', 2, '2026-01-01T00:00:01Z');
    await put(ids.later, ACME, 'live', 1, '2999-01-01T00:00:00Z');
    await put(ids.inHand, ACME, 'live', 1, '2026-01-01T00:00:00Z');
    await put(ids.elsewhere, ACME, 'live', 9, '2026-01-01T00:00:00Z');
    const { rows } = await poller.query(
      'select id, organization_id, due_in_ms = 0 as is_due from tributary.next_work($1, $2, $3, $4)',
      ['duevendor', [1, 2], [ids.inHand], 10],
    );
    expect(rows).toEqual([
      { id: ids.live, organization_id: OTHER, is_due: true },
      { id: ids.backfill, organization_id: ACME, is_due: true },
      { id: ids.later, organization_id: ACME, is_due: false },
    ]);
  });
});

describe('rows of the registry and the topics', () => {
  it('come back as they were stored, and a topic made anew replaces its incarnation', async () => {
    const admin = service('tributary_admin');
    const rows = [{ subject: 's', id: 7, schema: '"string"' }];
    await storeSchemas(admin, rows);
    await storeSchemas(admin, rows);
    expect(await readSchemas(service('tributary_gateway'))).toEqual(rows);

    await storeTopic(admin, { name: 't', incarnation: ACME, clusterId: 'c1' });
    await storeTopic(admin, { name: 't', incarnation: OTHER, clusterId: 'c2' });
    expect(await readTopic(admin, 't')).toEqual({ name: 't', incarnation: OTHER, clusterId: 'c2' });
    expect(await readTopic(admin, 'none')).toBeUndefined();
  });
});

describe('errors', () => {
  it('say unavailable where nobody listens, and misconfigured where the login is refused', async () => {
    const nobody = open('postgresql://a:b@127.0.0.1:9/x');
    await expect(nobody.query('select 1')).rejects.toMatchObject({ name: 'Failure', kind: 'unavailable' });
    await expect(
      open(Object.assign(new URL(database.urlFor('tributary_gateway')), { password: 'wrong' }).href).query('select 1'),
    ).rejects.toMatchObject({ kind: 'misconfigured' });
  });

  it('say unavailable to the transaction whose connection is cut, and the pool goes on', async () => {
    const owner = open(stack.superuserUrl.replace(/[^/]*$/, database.name));
    const writer = service('tributary_writer');
    const cut = inTransaction(writer, [], async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await owner.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await client.query('select 1');
    });
    await expect(cut).rejects.toMatchObject({ kind: 'unavailable' });
    expect((await writer.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('say unavailable where the link dies without a word, and the server lets the locks go', async () => {
    const link = await openLink(new URL(database.urlFor('tributary_writer')));
    const options = { max: 1, answerWithinMs: 1_000 };
    const [cutOff, next] = [open(link.url, options), open(database.urlFor('tributary_writer'), options)];
    const lock = (client: Sql) => client.query('select pg_advisory_xact_lock(4711)');
    const dying = inTransaction(cutOff, [], async (client) => {
      await lock(client);
      link.fallSilent();
      await client.query('select 1');
    });
    await expect(dying).rejects.toMatchObject({ kind: 'unavailable' });
    await inTransaction(next, [], lock);
    link.close();
  }, 10_000);

  it('tell a value that Postgres cannot take from a fault of the world', async () => {
    const fault = await service('tributary_writer')
      .query('select $1::jsonb', ['{"a":"\\u0000"}'])
      .catch((error: unknown) => error);
    expect(isDataFault(fault)).toBe(true);
  });
});
