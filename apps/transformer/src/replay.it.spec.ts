import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { malformed, reader, type Connector } from '@tributary/connector-kit';
import { allConnectors, allKinds } from '@tributary/connectors';
import { NO_ORGANIZATION, recordId, topicNames, topicTable, type TopicNames } from '@tributary/contracts';
import { createBurier, createCodec, ensureTopics, registerSchemas, type Codec } from '@tributary/kafka';
import { inTransaction, storeSchemas, storeTopic } from '@tributary/postgres';
import { deadLetters, openControlPlane, type ControlPlane } from '@tributary/postgres/control-plane';
import { acme, eventually, OnBroker, ORGANIZATION, rawEventOf, twoOrganizations } from '@tributary/testing';
import { createTransformHandler } from './transform.handler.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const { database, service } = await twoOrganizations();
const writer = service('tributary_writer');

/** Mapping version 1 takes it that every person has an email; version 2 knows better. */
const yesterdays: Connector = {
  ...acme,
  webhook: {
    ...acme.webhook,
    map: (payload, headers) =>
      reader(payload).child('object')?.string('email') ? acme.webhook.map(payload, headers) : malformed('no email'),
  },
};
const todays: Connector = {
  ...acme,
  kinds: { ...acme.kinds, contact: { ...acme.kinds.contact!, mappingVersion: 2 } },
};
const person = { object: { id: 'p1', name: 'Ada', email: null, changed: 1_767_225_599 } };

describe('a body that the mapping of yesterday refuses', () => {
  const broker = new OnBroker('transformer-replay.it');
  let names: TopicNames;
  let codec: Codec;
  let plane: ControlPlane;
  let services: readonly ChildProcess[];

  beforeAll(async () => {
    names = topicNames(broker.stack.topicPrefix);
    const vendors = [...allConnectors.map(({ vendor }) => vendor), acme.vendor];
    const specs = topicTable(names, vendors, allKinds());
    await ensureTopics(broker.kafka, specs, { factor: 1, minIsr: 1 });
    const schemas = await registerSchemas({ url: broker.stack.registryUrl }, specs);
    codec = createCodec(schemas, specs);
    const admin = service('tributary_admin');
    await storeSchemas(admin, schemas);
    for (const { name } of specs) await storeTopic(admin, { name, incarnation: ORGANIZATION, clusterId: 'spec' });
    plane = await openControlPlane(database.urlFor('tributary_admin'), 'transformer-replay.it');
    services = [
      start('dead-letter-replayer', database.urlFor('tributary_replayer')),
      start('ingest-writer', database.urlFor('tributary_writer')),
    ];
  });
  afterAll(async () => {
    for (const child of services) {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    await plane.close();
  });

  /** A service as it is built: another app is met where it is met in production, on its topics and in Postgres. */
  function start(app: string, databaseUrl: string): ChildProcess {
    return spawn(process.execPath, [join(root, 'apps', app, 'dist/main.js')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        DATABASE_URL: databaseUrl,
        KAFKA_BROKERS: broker.stack.brokers.join(','),
        TOPIC_PREFIX: broker.stack.topicPrefix,
      },
    });
  }

  function transformWith(connector: Connector) {
    const failed = { topic: names.failed('transform'), stage: 'transform', app: 'spec', version: '1' } as const;
    const handle = createTransformHandler({
      connectorOf: () => connector,
      codec,
      names,
      nowMicros: () => 0,
      send: broker.producer.send,
    });
    return broker.consume(names.raw('acme'), handle, { bury: createBurier(broker.producer, failed) });
  }

  const rowsOf = async (organizationId: string, id: string) =>
    inTransaction(writer, [organizationId], async (sql) => {
      const text = `select content ->> 'name' as name, mapping_version from tributary.record where id = $1`;
      return (await sql.query(text, [id])).rows;
    });

  it('becomes a row when it is replayed through the mapping of today', async () => {
    const topic = names.raw('acme');
    const event = rawEventOf({
      headers: { 'x-acme-event': 'person.saved' },
      payload: Buffer.from(JSON.stringify(person)),
    });
    const yesterday = await transformWith(yesterdays);
    await broker.producer.send([{ topic, key: 'k', value: codec.encode(topic, event) }]);
    const letters = deadLetters(plane, [event.organizationId, NO_ORGANIZATION]);
    const list = async () => (await letters.list({ states: ['open', 'replaying', 'replayed'] }, { limit: 9 })).items;
    const [letter] = await eventually(async () => {
      const items = await list();
      return items.length > 0 && items;
    });
    expect(letter).toMatchObject({ reason: 'no email', class: 'permanent' });
    await yesterday.stop();

    await transformWith(todays);
    await letters.replay({ ids: [letter!.id] }, 'ada');
    const id = recordId({ ...event, kind: 'contact', externalId: person.object.id });
    const [row] = await eventually(async () => {
      const rows = await rowsOf(event.organizationId, id);
      return rows.length > 0 && rows;
    });
    expect(row).toMatchObject({ name: 'Ada', mapping_version: 2 });
    await eventually(async () => (await list())[0]?.state === 'replayed');
    expect(await list()).toHaveLength(1);
  });
});
