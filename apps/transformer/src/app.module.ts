import { Module, type DynamicModule } from '@nestjs/common';
import { allConnectors, allKinds, connectorOf } from '@tributary/connectors';
import { topicNames, topicTable, type TopicNames } from '@tributary/contracts';
import { createBurier, createCodec, createKafka, createProducer, type Codec } from '@tributary/kafka';
import { awaitSchemas, createPool } from '@tributary/postgres';
import { KafkaStrategy, requireDurability, toKafkaSettings, type Service } from '@tributary/runtime';
import { observeStageLag } from '@tributary/telemetry';
import type { Config } from './config.ts';
import { createTransformHandler } from './transform.handler.ts';
import { TRANSFORM, TransformController } from './transform.controller.ts';

const VENDORS = allConnectors.map(({ vendor }) => vendor);

@Module({})
export class AppModule {
  static for(config: Config, service: Service): DynamicModule {
    const kafka = createKafka(toKafkaSettings(config, service.name), service.log);
    const producer = createProducer(kafka);
    service.onShutdown('producer', () => producer.close());
    const names = topicNames(config.topicPrefix);
    requireDurability(service, kafka, config, allKinds().map(names.normalized));
    const bury = createBurier(producer, {
      topic: names.failed('transform'),
      stage: 'transform',
      app: service.name,
      version: service.version,
    });
    const raw = { name: 'raw', groupId: `${config.topicPrefix}tributary.transformer`, topics: VENDORS.map(names.raw) };
    const onSettled = observeStageLag(service.metrics, 'transform', Date.now);
    const nowMicros = () => Date.now() * 1000;
    return {
      module: AppModule,
      controllers: [TransformController],
      providers: [
        {
          provide: KafkaStrategy,
          useValue: new KafkaStrategy(kafka, [{ ...raw, bury, onSettled, onFatal: service.fail }]),
        },
        {
          provide: TRANSFORM,
          useFactory: async () => {
            const codec = await loadCodec(config, names, service);
            return createTransformHandler({ connectorOf, codec, names, send: producer.send, nowMicros });
          },
        },
      ],
    };
  }
}

/** Schema ids stand in Postgres, so that the registry need not be there. */
async function loadCodec(config: Config, names: TopicNames, { name, log }: Service): Promise<Codec> {
  const { databaseUrl, databaseTimeoutMs: answerWithinMs } = config;
  const pool = createPool(databaseUrl, { max: 1, applicationName: name, answerWithinMs });
  const rows = await awaitSchemas(pool, log);
  await pool.end();
  return createCodec(rows, topicTable(names, VENDORS, allKinds()));
}
