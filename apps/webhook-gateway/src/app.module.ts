import { Module, type DynamicModule } from '@nestjs/common';
import { allConnectors } from '@tributary/connectors';
import { topicNames, topicTable } from '@tributary/contracts';
import { createCodec, createKafka, createProducer, type Codec, type Producer } from '@tributary/kafka';
import { createPool, readSchemas, type Pool } from '@tributary/postgres';
import { requireDurability, toKafkaSettings, type Service } from '@tributary/runtime';
import { createVault, parseKeyRing } from '@tributary/vault';
import { createAppendDelivery } from './append-delivery.ts';
import type { Config } from './config.ts';
import { createEndpoints, type EndpointRow, type Endpoints } from './endpoints.ts';
import { keepFresh } from './keep-fresh.ts';
import { webhookMetrics } from './webhook-metrics.ts';
import { WebhooksController } from './webhooks.controller.ts';

const REFRESH_EVERY_MS = 3_000;

@Module({})
export class AppModule {
  static for(this: void, config: Config, service: Service): DynamicModule {
    const { log, metrics } = service;
    const pool = createPool(config.databaseUrl, {
      max: 2,
      applicationName: service.name,
      answerWithinMs: config.databaseTimeoutMs,
    });
    const kafka = createKafka(toKafkaSettings(config, service.name), log);
    const producer = createProducer(kafka);
    const names = topicNames(config.topicPrefix);
    requireDurability(
      service,
      kafka,
      config,
      allConnectors.map(({ vendor }) => names.raw(vendor)),
    );
    const vault = createVault({ ring: parseKeyRing(config.webhookKey) });
    const endpoints = createEndpoints({
      load: async () =>
        (await pool.query<EndpointRow & Record<string, unknown>>('select * from tributary.list_webhook_endpoints()'))
          .rows,
      open: (sealed) => vault.open(sealed),
      onUnreadable: (connectionId, error) => log('error', 'webhook secret cannot be opened', { connectionId, error }),
    });
    const schemas = createSchemas(pool, config.topicPrefix);
    const append = createAppendDelivery({ producer, names, codec: schemas.codec });
    keepServing(service, pool, producer, endpoints, schemas);
    const controller = new WebhooksController({
      endpoints,
      append,
      metrics: webhookMetrics(metrics, allConnectors),
      log,
    });
    return { module: AppModule, providers: [{ provide: WebhooksController, useValue: controller }] };
  }
}

interface Schemas {
  codec(): Codec | null;
  load(): Promise<void>;
}

/** Read once: schema ids never change. */
function createSchemas(pool: Pool, topicPrefix: string): Schemas {
  const names = topicNames(topicPrefix);
  const specs = topicTable(
    names,
    allConnectors.map(({ vendor }) => vendor),
    [],
  );
  const raw = new Set(allConnectors.map(({ vendor }) => names.raw(vendor)));
  let codec: Codec | null = null;
  return {
    codec: () => codec,
    load: async () => {
      codec ??= createCodec(
        await readSchemas(pool),
        specs.filter(({ name }) => raw.has(name)),
      );
    },
  };
}

/** Both doors to the outside may be away at any time; what was loaded goes on serving. */
function keepServing(service: Service, pool: Pool, producer: Producer, endpoints: Endpoints, schemas: Schemas): void {
  const stop = new AbortController();
  const signal = stop.signal;
  let isConnected = false;
  const tell = (what: string) => (error: unknown) => service.log('warn', what, { error });
  const refreshing = keepFresh({
    refresh: async () => {
      await schemas.load();
      await endpoints.refresh();
    },
    onFault: tell('connections cannot be refreshed'),
    everyMs: REFRESH_EVERY_MS,
    signal,
  });
  const connecting = keepFresh({
    refresh: async () => {
      if (!isConnected) await producer.connect();
      isConnected = true;
    },
    onFault: tell('Kafka is away'),
    everyMs: REFRESH_EVERY_MS,
    signal,
  });
  service.readyWhen('connections', () => endpoints.isLoaded);
  service.readyWhen('kafka', () => isConnected);
  service.onShutdown('postgres', () => pool.end());
  service.onShutdown('producer', () => producer.close());
  service.onShutdown('refreshing', async () => {
    stop.abort();
    await Promise.all([refreshing, connecting]);
  });
}
