import { connect, type Socket } from 'node:net';
import { OnBroker } from '@tributary/testing';
import { Kafka, logLevel, type ISocketFactory } from 'kafkajs';
import { createProducer } from './index.ts';

describe('a producer on a real broker', () => {
  const broker = new OnBroker('producer.it');
  const one = (topic: string) => [{ topic, key: 'k', value: Buffer.from('v') }];

  it('leaves a connection that answers nothing any more, and goes on over a new one', async () => {
    const topic = await broker.newTopic(1);
    const sockets: Socket[] = [];
    const socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
      const socket = connect(port, host, onConnect);
      sockets.push(socket);
      return socket;
    };
    const kafka = new Kafka({
      brokers: [...broker.stack.brokers],
      socketFactory,
      requestTimeout: 1_000,
      logLevel: logLevel.NOTHING,
    });
    const producer = createProducer({ kafka, log: () => undefined }, { retries: 1 });
    await producer.send(one(topic));

    for (const socket of sockets) socket.pause();
    await expect(producer.send(one(topic))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await producer.send(one(topic))).toHaveLength(1);
    await producer.close();
  });
});
