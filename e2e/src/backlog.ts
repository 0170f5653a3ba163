import type { Product } from './product.ts';

/** What is accepted by the stage before and not yet written by this one. */
export type Backlog = (product: Product) => Promise<number>;

export const behindGateway: Backlog = async (product) => (await deliveries(product)).waiting;

export const behindTransformer: Backlog = (product) =>
  behindGroup(product, 'tributary.raw.front', 'tributary.transformer');

export const behindPoller: Backlog = async (product) =>
  (await behindPositions(product, 'tributary.commands.')) +
  (await count(product, 'select count(*) from tributary.work'));

export const behindWriter: Backlog = (product) => behindPositions(product, 'tributary.normalized.');

export async function deliveries(product: Product): Promise<{ waiting: number; taken: number; refused: number }> {
  const { deliveries } = await product.control<{ deliveries: { waiting: number; taken: number; refused: number } }>(
    'GET',
    'front/statistics',
  );
  return deliveries;
}

async function withAdmin<T>(
  { kafka }: Product,
  work: (admin: ReturnType<Product['kafka']['kafka']['admin']>) => Promise<T>,
) {
  const admin = kafka.kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

function behindGroup(product: Product, topic: string, groupId: string): Promise<number> {
  return withAdmin(product, async (admin) => {
    const ends = await admin.fetchTopicOffsets(topic);
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const committed = new Map(
      group!.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]),
    );
    return sum(ends.map(({ partition, high }) => Number(high) - (committed.get(partition) ?? 0)));
  });
}

/** Against the positions in Postgres, which alone decide. */
function behindPositions(product: Product, topicPrefix: string): Promise<number> {
  return withAdmin(product, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(topicPrefix));
    const ends = await Promise.all(
      topics.map(async (topic) => (await admin.fetchTopicOffsets(topic)).map((end) => Number(end.high))),
    );
    const written = await count(
      product,
      `select coalesce(sum(next_offset), 0) from tributary.position where starts_with(topic, '${topicPrefix}')`,
    );
    return sum(ends.flat()) - written;
  });
}

export async function count(product: Product, statement: string): Promise<number> {
  const { rows } = await product.truth.query<Record<string, string>>(statement);
  return Number(Object.values(rows[0]!)[0]);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
