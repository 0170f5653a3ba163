import { topicNames, topicTable } from './index.ts';

describe('the table of topics', () => {
  it('gives a failed topic room for the largest message of any other, and for the headers that say why', () => {
    const table = topicTable(topicNames(), ['acme'], ['contact']);
    const brokersDefault = '1048588';
    const bound = ({ config }: { config: Readonly<Record<string, string>> }) =>
      Number(config['max.message.bytes'] ?? brokersDefault);
    const [failed, others] = [true, false].map((isFailed) =>
      table.filter(({ name }) => name.includes('.failed.') === isFailed).map(bound),
    );
    expect(Math.min(...failed!)).toBeGreaterThanOrEqual(Math.max(...others!) + 60_000);
  });
});
