import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { topicNames, topicTable, type RawEvent } from '@tributary/contracts';
import {
  createCodec,
  createConsumer,
  createKafka,
  ensureTopics,
  registerSchemas,
  type Codec,
  type Consumer,
} from '@tributary/kafka';
import { createPool, inTransaction, storeSchemas, type Pool } from '@tributary/postgres';
import { startService, type RunningService } from '@tributary/runtime';
import { eventually, useStack, type TestDatabase, type TestStack } from '@tributary/testing';
import { createVault, parseKeyRing } from '@tributary/vault';
import { gateway } from './gateway.ts';

const SECRET = 'the signing key';
const organizationId = randomUUID();
const key = `k1:${randomBytes(32).toString('base64')}`;
const vault = createVault({ ring: parseKeyRing(key) });
const dataKey = vault.newDataKey(organizationId, 1);

describe('webhook gateway', () => {
  let stack: TestStack;
  let database: TestDatabase;
  let pool: Pool;
  let service: RunningService;
  let codec: Codec;
  let consumer: Consumer;
  let connection: string;
  const events: RawEvent[] = [];

  const start = (databaseUrl: string, more: Record<string, string> = {}) =>
    startService(gateway, {
      ...more,
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: stack.brokers.join(','),
      TOPIC_PREFIX: stack.topicPrefix,
      WEBHOOK_KEY: key,
      PORT: '0',
      OPS_PORT: '0',
      LOG_LEVEL: 'error',
    });

  beforeAll(async () => {
    stack = await useStack();
    database = await stack.newDatabase();
    pool = createPool(database.urlFor('tributary_admin'), { max: 2, applicationName: 'gateway.it' });
    const names = topicNames(stack.topicPrefix);
    const specs = topicTable(names, ['front'], []).filter(({ name }) => name === names.raw('front'));
    const kafka = createKafka({ brokers: stack.brokers, clientId: 'gateway.it' });
    await ensureTopics(kafka, specs, { factor: 1, minIsr: 1 });
    const rows = await registerSchemas({ url: stack.registryUrl }, specs);
    const owner = createPool(database.ownerUrl, { max: 1, applicationName: 'gateway.it' });
    await storeSchemas(owner, rows);
    await owner.end();
    codec = createCodec(rows, specs);
    connection = await addConnection('active');
    service = await start(database.urlFor('tributary_gateway'));
    consumer = createConsumer(kafka, {
      groupId: `${stack.topicPrefix}spec`,
      topics: [names.raw('front')],
      bury: async () => undefined,
      handle: async ({ messages }) =>
        messages.map(({ topic, value }) => {
          events.push(codec.decode<RawEvent>(topic, value!));
          return { kind: 'done' };
        }),
    });
    await consumer.start();
    await eventually(async () => (await fetch(`${service.opsUrl}/readyz`)).ok);
  });

  afterAll(async () => {
    await service?.stop();
    await consumer?.stop();
    await pool?.end();
  });

  async function addConnection(status: string): Promise<string> {
    const id = randomUUID();
    const place = { organizationId, connectionId: id, field: 'signing_key' };
    const ciphertext = vault.seal(place, { version: 1, plaintext: Buffer.from(SECRET) }, dataKey);
    await inTransaction(pool, [organizationId], async (sql) => {
      await sql.query('insert into tributary.organization (id, name) values ($1, $2) on conflict do nothing', [
        organizationId,
        'Acme',
      ]);
      await sql.query(
        `insert into tributary.data_key (organization_id, purpose, version, kek_id, wrapped) values ($1, 'webhooks', 1, $2, $3) on conflict do nothing`,
        [organizationId, dataKey.kekId, dataKey.wrapped],
      );
      await sql.query(
        `insert into tributary.connection (id, organization_id, vendor, account, name, status) values ($1, $2, 'front', $3, 'spec', $4)`,
        [id, organizationId, `acc_${id}`, status],
      );
      await sql.query(
        `insert into tributary.credential (connection_id, organization_id, purpose, field, version, ciphertext) values ($1, $2, 'webhooks', 'signing_key', 1, $3)`,
        [id, organizationId, ciphertext],
      );
    });
    return id;
  }

  interface Delivery {
    readonly to?: string;
    readonly vendor?: string;
    readonly body?: string;
    readonly secret?: string;
    readonly headers?: Record<string, string>;
    readonly at?: RunningService;
  }

  function deliver({
    to = connection,
    vendor = 'front',
    body = '{}',
    secret = SECRET,
    headers = {},
    at = service,
  }: Delivery = {}) {
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', secret).update(`${timestamp}:`).update(body).digest('base64');
    return fetch(`${at.httpUrl}/api/v1/webhooks/${vendor}/${to}`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-front-request-timestamp': timestamp,
        'x-front-signature': signature,
        ...headers,
      },
    });
  }

  it('answers 200 once the bytes as received are on the raw topic', async () => {
    const body = '{ "b": 1,\n "a": "مرحبا" }';
    const response = await deliver({ body });
    expect([response.status, await response.json()]).toEqual([200, { status: 'received' }]);
    const event = await eventually(() => events.find(({ payload }) => payload.toString() === body));
    expect(event).toMatchObject({
      connectionId: connection,
      organizationId,
      vendor: 'front',
      account: `acc_${connection}`,
      door: 'webhook',
    });
  });

  it('takes broken JSON: nobody parses before the append', async () => {
    expect((await deliver({ body: '{"broken' })).status).toBe(200);
    await eventually(() => events.find(({ payload }) => payload.toString() === '{"broken'));
  });

  it('goes on the trace that the caller began', async () => {
    const traceId = randomBytes(16).toString('hex');
    await deliver({ body: '{"traced":1}', headers: { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` } });
    const event = await eventually(() => events.find(({ payload }) => payload.toString() === '{"traced":1}'));
    expect(event.traceparent).toContain(traceId);
  });

  it('knows the vendor by its other name', async () => {
    expect((await deliver({ vendor: 'frontapp' })).status).toBe(200);
  });

  it('answers a wrong signature and an unknown connection alike', async () => {
    const answers = await Promise.all([deliver({ secret: 'wrong' }), deliver({ to: randomUUID() })]);
    const seen = await Promise.all(answers.map(async (answer) => [answer.status, await answer.text()]));
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toEqual([401, '{"error":{"code":"invalid_signature","message":"Invalid signature"}}']);
  });

  it('echoes a signed challenge and refuses an unsigned one', async () => {
    const headers = { 'x-front-challenge': 'prove it' };
    expect(await (await deliver({ headers })).text()).toBe('prove it');
    expect((await deliver({ headers, secret: 'wrong' })).status).toBe(401);
  });

  it('stops reading a body above the cap of the vendor', async () => {
    const response = await deliver({ body: 'x'.repeat(1024 * 1024 + 1) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'validation_error' } });
  });

  it('answers an unknown vendor in the shape of all errors', async () => {
    const response = await deliver({ vendor: 'nobody' });
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: { code: 'validation_error', message: 'No such webhook' } },
    ]);
  });

  it('stores for a paused connection, and takes without storing for a disabled one', async () => {
    const [paused, disabled] = [await addConnection('paused'), await addConnection('disabled')];
    await eventually(async () => (await deliver({ to: disabled, body: '{"of":"disabled"}' })).ok);
    expect((await deliver({ to: paused, body: '{"of":"paused"}' })).status).toBe(200);
    await eventually(() => events.find(({ connectionId }) => connectionId === paused));
    expect(events.some(({ connectionId }) => connectionId === disabled)).toBe(false);
  });

  it('answers 503, never 401, before it could load the connections', async () => {
    const blind = await start('postgres://tributary_gateway:x@127.0.0.1:1/nowhere');
    try {
      const response = await deliver({ at: blind });
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await fetch(`${blind.opsUrl}/readyz`)).status).toBe(503);
    } finally {
      await blind.stop();
    }
  });

  it('is not ready in production on topics that one machine can lose, unless told so', async () => {
    const url = database.urlFor('tributary_gateway');
    const strict = await start(url, { ENVIRONMENT: 'production', HOST: '127.0.0.1', LOG_LEVEL: 'error' });
    const lax = await start(url, { ENVIRONMENT: 'production', HOST: '127.0.0.1', ALLOW_WEAK_DURABILITY: 'true' });
    try {
      await eventually(async () => (await fetch(`${lax.opsUrl}/readyz`)).ok);
      const answer = await fetch(`${strict.opsUrl}/readyz`);
      expect([answer.status, await answer.json()]).toMatchObject([503, { error: { durability: { status: 'down' } } }]);
    } finally {
      await Promise.all([strict.stop(), lax.stop()]);
    }
  });

  it('shows what became of deliveries on /metrics', async () => {
    const text = await (await fetch(`${service.opsUrl}/metrics`)).text();
    expect(text).toMatch(
      /tributary_webhook_events_total\{vendor="front",event_type="unparsed",outcome="received"\} [1-9]/,
    );
    expect(text).toMatch(/tributary_webhook_ack_seconds_count\{vendor="front"\} [1-9]/);
  });
});
