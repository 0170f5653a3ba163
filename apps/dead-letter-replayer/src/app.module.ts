import { Module, type DynamicModule } from '@nestjs/common';
import { allConnectors, allKinds } from '@tributary/connectors';
import { STAGES, topicNames, topicTable } from '@tributary/contracts';
import { createCodec, createKafka, createProducer, readAt, type Bury, type KafkaClient } from '@tributary/kafka';
import { awaitSchemas, createPool, readPosition, type Pool } from '@tributary/postgres';
import {
  KafkaStrategy,
  requireDurability,
  toKafkaSettings,
  type ConsumerRoute,
  type Service,
} from '@tributary/runtime';
import { observeStageLag } from '@tributary/telemetry';
import type { Config } from './config.ts';
import { createIndexHandler } from './index.handler.ts';
import { letterMetrics } from './letter-metrics.ts';
import { INDEX, LettersController } from './letters.controller.ts';
import { Replayer } from './replayer.ts';

/** Also the name under which positions stand in Postgres. */
const GROUP = 'tributary.dead-letter-replayer';
const POOL_SIZE = 4;

@Module({})
export class AppModule {
  static for(config: Config, service: Service): DynamicModule {
    const names = topicNames(config.topicPrefix);
    const kafka = createKafka(toKafkaSettings(config, service.name), service.log);
    const topics = STAGES.map(names.failed);
    requireDurability(service, kafka, config, topics);
    const pool = openPool(config, service);
    const replayer = createReplayer(config, service, kafka, pool);
    const table = topicTable(
      names,
      allConnectors.map(({ vendor }) => vendor),
      allKinds(),
    );
    const createIndex = async () =>
      createIndexHandler({
        pool,
        codec: createCodec(await awaitSchemas(pool, service.log), table),
        consumer: GROUP,
        waitsMs: config.replayAfterMs.map(Number),
        wake: () => replayer.wake(),
      });
    return {
      module: AppModule,
      controllers: [LettersController],
      providers: [
        { provide: KafkaStrategy, useValue: new KafkaStrategy(kafka, [failedRoute(config, service, topics, pool)]) },
        { provide: INDEX, useFactory: createIndex },
      ],
    };
  }
}

function openPool({ databaseUrl, databaseTimeoutMs: answerWithinMs }: Config, service: Service): Pool {
  const pool = createPool(databaseUrl, { max: POOL_SIZE, applicationName: service.name, answerWithinMs });
  service.onShutdown('Postgres', () => pool.end());
  return pool;
}

function createReplayer({ topicPrefix }: Config, service: Service, kafka: KafkaClient, pool: Pool): Replayer {
  const producer = createProducer(kafka);
  service.onShutdown('producer', () => producer.close());
  const replayer = new Replayer({
    pool,
    read: (places) => readAt(kafka, places, { groupId: `${topicPrefix}${GROUP}.reader` }),
    send: producer.send,
    onLook: letterMetrics(service.metrics, pool, Date.now),
    warn: (message, fields) => service.log('warn', message, fields),
  });
  service.onShutdown('replays', () => replayer.stop());
  replayer.start();
  return replayer;
}

function failedRoute({ topicPrefix }: Config, service: Service, topics: readonly string[], pool: Pool): ConsumerRoute {
  return {
    name: 'failed',
    groupId: `${topicPrefix}${GROUP}`,
    topics,
    bury: leaveWhereItLies(service),
    positions: { next: (topic, partition) => readPosition(pool, { consumer: GROUP, topic, partition }) },
    onSettled: observeStageLag(service.metrics, 'failed', Date.now),
    onFatal: service.fail,
  };
}

/** A letter that cannot even be indexed has its bytes on the failed topic already. */
const leaveWhereItLies =
  ({ log }: Service): Bury =>
  async ({ topic, partition, offset }, reason) =>
    log('error', 'a dead letter cannot be indexed and stays where it lies', { topic, partition, offset, reason });
