import { Module, type DynamicModule } from '@nestjs/common';
import type { Connector } from '@tributary/connector-kit';
import { allKinds, connectorOf } from '@tributary/connectors';
import { Failure, topicNames, topicTable, type TopicNames } from '@tributary/contracts';
import { createBurier, createCodec, createKafka, createProducer, type Codec, type Producer } from '@tributary/kafka';
import { awaitSchemas, createPool, readPosition, type Pool } from '@tributary/postgres';
import {
  KafkaStrategy,
  requireDurability,
  toKafkaSettings,
  type ConsumerRoute,
  type Service,
} from '@tributary/runtime';
import { observeStageLag } from '@tributary/telemetry';
import { createVault, parseKeyRing } from '@tributary/vault';
import { countCalls } from './call-metrics.ts';
import { createCommandHandler } from './command.handler.ts';
import { CommandController, STORE_COMMANDS } from './command.controller.ts';
import { baseUrlsOf, type Config } from './config.ts';
import { createConnections, type Connections } from './connections.ts';
import { Executor } from './executor.ts';

/** One name for the positions of all pollers: a partition belongs to one vendor's topic, whoever reads it. */
const CONSUMER = 'tributary.poller';
const KEEP_CONNECTION_MS = 5_000;
const POOL_SIZE = 10;
const nowMicros = () => Date.now() * 1000;

interface Parts {
  readonly config: Config;
  readonly service: Service;
  readonly names: TopicNames;
  readonly producer: Producer;
  readonly pool: Pool;
  readonly codec: Promise<Codec>;
  readonly connections: Connections;
}

@Module({})
export class AppModule {
  static for(config: Config, service: Service): DynamicModule {
    const kafka = createKafka(toKafkaSettings(config, service.name), service.log);
    requireDurability(service, kafka, config, config.vendors.map(topicNames(config.topicPrefix).raw));
    const parts = createParts(config, service, createProducer(kafka));
    const vendors = config.vendors
      .map(findConnector)
      .map((connector) => ({ connector, executor: createExecutor(connector, parts) }));
    for (const { connector, executor } of vendors)
      service.onShutdown(`calls to ${connector.vendor}`, () => executor.stop());
    const routes = vendors.map(({ connector, executor }) => commandRoute(connector, executor, parts));
    return {
      module: AppModule,
      controllers: [CommandController],
      providers: [
        { provide: KafkaStrategy, useValue: new KafkaStrategy(kafka, routes) },
        {
          provide: STORE_COMMANDS,
          useFactory: async () =>
            createCommandHandler({
              pool: parts.pool,
              codec: await parts.codec,
              consumer: CONSUMER,
              wake: () => vendors.forEach(({ executor }) => executor.wake()),
            }),
        },
      ],
    };
  }
}

function createParts(config: Config, service: Service, producer: Producer): Parts {
  const names = topicNames(config.topicPrefix);
  const pool = createPool(config.databaseUrl, {
    max: POOL_SIZE,
    applicationName: service.name,
    answerWithinMs: config.databaseTimeoutMs,
  });
  service.onShutdown('Postgres', () => pool.end());
  service.onShutdown('producer', () => producer.close());
  const connections = createConnections({
    pool,
    vault: createVault({ ring: parseKeyRing(config.encryptionKey) }),
    baseUrls: baseUrlsOf(config),
    keepMs: KEEP_CONNECTION_MS,
    nowMs: Date.now,
  });
  return { config, service, names, producer, pool, connections, codec: loadCodec(pool, config, names, service) };
}

function findConnector(vendor: string): Connector {
  const connector = connectorOf(vendor);
  if (!connector) throw new Failure('misconfigured', `VENDORS names ${vendor}, which is no connector`);
  return connector;
}

function createExecutor(
  connector: Connector,
  { config, service, names, producer, pool, codec, connections }: Parts,
): Executor {
  const topic = names.raw(connector.vendor);
  return new Executor({
    connector,
    pool,
    connections,
    nowMicros,
    callsAtOnce: config.callsAtOnce,
    callTimeoutMs: config.callTimeoutMs,
    readLag: { repeatAfterMs: config.repeatReadAfterMs.map(Number), confirmAfterMs: config.confirmReadAfterMs },
    onCall: countCalls(service.metrics, connector.vendor),
    warn: (message, fields) => service.log('warn', message, { vendor: connector.vendor, ...fields }),
    async publish(event) {
      const key = `${event.connectionId}:${event.externalId}`;
      const [ref] = await producer.send([{ topic, key, value: (await codec).encode(topic, event) }]);
      return ref!;
    },
  });
}

function commandRoute(
  connector: Connector,
  executor: Executor,
  { config, service, names, producer, pool }: Parts,
): ConsumerRoute {
  const topic = names.commands(connector.vendor);
  return {
    name: 'commands',
    groupId: `${config.topicPrefix}tributary.poller.${connector.vendor}`,
    topics: [topic],
    bury: createBurier(producer, {
      topic: names.failed('fetch'),
      stage: 'fetch',
      app: service.name,
      version: service.version,
    }),
    positions: { next: (name, partition) => readPosition(pool, { consumer: CONSUMER, topic: name, partition }) },
    onAssigned: (assigned) => executor.own(assigned.get(topic) ?? []),
    onSettled: observeStageLag(service.metrics, 'command', Date.now),
    onFatal: service.fail,
  };
}

/** Schema ids stand in Postgres, so that the registry need not be there. */
async function loadCodec(pool: Pool, { vendors }: Config, names: TopicNames, { log }: Service): Promise<Codec> {
  return createCodec(await awaitSchemas(pool, log), topicTable(names, vendors, allKinds()));
}
