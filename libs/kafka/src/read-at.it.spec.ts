import { OnBroker } from '@tributary/testing';
import { readAt } from './index.ts';

describe('reading single messages', () => {
  const broker = new OnBroker('read-at.it');

  it('finds them at their places, scattered over partitions, and says which are gone', async () => {
    const [topic, other] = [await broker.newTopic(3), await broker.newTopic(1)];
    const refs = await broker.send(topic, 300);
    const [far] = await broker.send(other, 1, 900);
    const gone = { ...far!, offset: 12 };
    const wanted = [refs[250]!, gone, refs[3]!, refs[120]!, far!, refs[121]!];
    const found = await readAt(broker.kafka, wanted, { groupId: topic });
    expect(found.map((message) => message && String(message.value))).toEqual(['250', null, '3', '120', '900', '121']);
  });

  it('asks nobody for nothing', async () => {
    expect(await readAt(broker.kafka, [], { groupId: 'none' })).toEqual([]);
  });
});
