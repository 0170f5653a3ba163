import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ServerKafka } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { done, Failure } from '@tributary/contracts';
import { createKafka, type Batch } from '@tributary/kafka';
import { BatchHandler } from './batch-handler.ts';
import { KafkaStrategy } from './kafka-strategy.ts';

const kafka = createKafka({ brokers: ['127.0.0.1:1'], clientId: 'spec' });
const batch: Batch = { topic: 't', partition: 0, messages: [], isCurrent: () => true };
const route = (name: string) => ({ name, groupId: 'g', topics: [`topic of ${name}`], bury: async () => undefined });

@Controller()
class Transform {
  @BatchHandler('raw')
  async handle({ topic }: Batch) {
    if (topic === 'away') throw new Failure('unavailable', 'database away');
    if (topic === 'odd') throw new RangeError('odd');
    return [done()];
  }
}

@Controller()
class Second {
  @BatchHandler('raw')
  async alsoHandle() {
    return [];
  }
}

async function connected(controllers: Type[], names: string[]) {
  @Module({ controllers })
  class App {}
  const app = await NestFactory.create(App, new FastifyAdapter(), { logger: false, abortOnError: false });
  const strategy = new KafkaStrategy(kafka, names.map(route));
  app.connectMicroservice({ strategy });
  return { app, strategy };
}

describe('the Kafka transport', () => {
  it('hands a batch to the marked method and gives back its outcomes', async () => {
    const { strategy } = await connected([Transform], ['raw']);
    expect(await strategy.handle('raw', batch)).toEqual([done()]);
  });

  it('lets every error through as it was thrown', async () => {
    const { strategy } = await connected([Transform], ['raw']);
    await expect(strategy.handle('raw', { ...batch, topic: 'away' })).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(strategy.handle('raw', { ...batch, topic: 'odd' })).rejects.toBeInstanceOf(RangeError);
  });

  it.each([
    [
      'a consumer without a handler',
      [Transform],
      ['raw', 'accounting'],
      /consumer 'accounting' \(topic of accounting\) has no handler/,
    ],
    [
      'two handlers',
      [Transform, Second],
      ['raw'],
      /'raw' .* has two handlers: Transform\.handle and Second\.alsoHandle/,
    ],
    ['a handler without a consumer', [Transform], [], /Transform\.handle handles 'raw', which no consumer reads/],
  ])('stops the app at boot at %s, naming both', async (_what, controllers, names, sentence) => {
    const { strategy } = await connected(controllers, names);
    expect(() => strategy.assertComplete()).toThrow(sentence);
  });

  it('is the only transport: the stock one is not constructed', async () => {
    const { app, strategy } = await connected([Transform], ['raw']);
    const servers = app.getMicroservices().map((one) => Reflect.get(one, 'serverInstance') as unknown);
    expect(servers).toEqual([strategy]);
    expect(servers.some((server) => server instanceof ServerKafka)).toBe(false);
  });
});
