import { randomUUID } from 'node:crypto';
import { Module, type DynamicModule } from '@nestjs/common';
import { allConnectors, allKinds } from '@tributary/connectors';
import { topicNames, topicTable, type TopicNames } from '@tributary/contracts';
import { createBurier, createCodec, createKafka, createProducer, type BatchHandler } from '@tributary/kafka';
import { awaitSchemas, createPool, readPosition, type Pool } from '@tributary/postgres';
import { KafkaStrategy, requireDurability, toKafkaSettings, type Service } from '@tributary/runtime';
import type { Config } from './config.ts';
import { recordMetrics } from './record-metrics.ts';
import { WRITE, WriteController } from './write.controller.ts';
import { createWriteHandler, type WritePorts } from './write.handler.ts';

/** Also the name under which positions stand in Postgres. */
const GROUP = 'tributary.ingest-writer';

@Module({})
export class AppModule {
  static for(config: Config, service: Service): DynamicModule {
    const pool = openPool(config, service);
    const topics = topicNames(config.topicPrefix);
    const kafka = createKafka(toKafkaSettings(config, service.name), service.log);
    const producer = createProducer(kafka);
    service.onShutdown('producer', () => producer.close());
    requireDurability(service, kafka, config, allKinds().map(topics.normalized));
    const metrics = recordMetrics(service.metrics, Date.now);

    const failed = {
      topic: topics.failed('write'),
      stage: 'write',
      app: service.name,
      version: service.version,
    } as const;
    const strategy = new KafkaStrategy(kafka, [
      {
        name: 'normalized',
        groupId: `${config.topicPrefix}${GROUP}`,
        topics: allKinds().map(topics.normalized),
        bury: createBurier(producer, failed),
        positions: { next: (topic, partition) => readPosition(pool, { consumer: GROUP, topic, partition }) },
        onSettled: metrics.settled,
        onFatal: service.fail,
      },
    ]);
    const createWrite = () => writeHandler({ pool, topics, send: producer.send, count: metrics.count }, service);
    return {
      module: AppModule,
      controllers: [WriteController],
      providers: [
        { provide: KafkaStrategy, useValue: strategy },
        { provide: WRITE, useFactory: createWrite },
      ],
    };
  }
}

function openPool(config: Config, service: Service): Pool {
  const { databaseUrl, databaseConnections: max, databaseTimeoutMs: answerWithinMs, databaseCaFile: caFile } = config;
  const pool = createPool(databaseUrl, {
    max,
    applicationName: service.name,
    answerWithinMs,
    ...(caFile && { caFile }),
  });
  service.onShutdown('postgres', () => pool.end());
  service.readyWhen('postgres', async () => (await pool.query('select')).rowCount === 1);
  return pool;
}

/** The schemas' ids come from Postgres, so the writer starts without the registry. */
async function writeHandler(
  ports: Pick<WritePorts, 'pool' | 'topics' | 'send' | 'count'>,
  { log }: Service,
): Promise<BatchHandler> {
  const { encode, decode } = createCodec(await awaitSchemas(ports.pool, log), tableOf(ports.topics));
  return createWriteHandler({
    ...ports,
    encode,
    decode,
    consumer: GROUP,
    newId: randomUUID,
    now: () => Date.now() * 1_000,
  });
}

/** The topics that the writer reads and speaks on. */
function tableOf(topics: TopicNames) {
  const vendors = allConnectors.map(({ vendor }) => vendor);
  return topicTable(topics, vendors, allKinds());
}
