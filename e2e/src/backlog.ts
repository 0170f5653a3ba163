import type { KafkaClient } from '@tributary/kafka';
import type { Pool } from '@tributary/postgres';

/** An installation as a judge sees it. */
export interface Judged {
  readonly kafka: KafkaClient['kafka'];
  readonly truth: Pool;
  control<T>(method: string, path: string): Promise<T>;
}

const STAGES = ['webhook-gateway', 'transformer', 'poller', 'ingest-writer'] as const;
export type Stage = (typeof STAGES)[number];

/** What is accepted by the stage before and not yet done by this one. */
export async function behind(judged: Judged, stage: Stage): Promise<number> {
  switch (stage) {
    case 'webhook-gateway':
      return (await judged.control<{ deliveries: { waiting: number } }>('GET', 'front/statistics')).deliveries.waiting;
    case 'transformer':
      return behindGroup(judged, 'tributary.raw.front', 'tributary.transformer');
    case 'poller':
      return (
        (await behindPositions(judged, 'tributary.commands.')) +
        (await count(judged, 'select count(*) from tributary.work'))
      );
    case 'ingest-writer':
      return behindPositions(judged, 'tributary.normalized.');
  }
}

/** By stage, where anything waits; empty when all is through. */
export async function everythingBehind(judged: Judged): Promise<Readonly<Record<string, number>>> {
  const waiting = await Promise.all(STAGES.map(async (stage) => [stage, await behind(judged, stage)] as const));
  return Object.fromEntries(waiting.filter(([, number]) => number !== 0));
}

type Admin = ReturnType<Judged['kafka']['admin']>;

async function withAdmin<T>({ kafka }: Judged, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

function behindGroup(judged: Judged, topic: string, groupId: string): Promise<number> {
  return withAdmin(judged, async (admin) => {
    const ends = await admin.fetchTopicOffsets(topic);
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const done = new Map(group!.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
    return sum(ends.map(({ partition, high }) => Number(high) - (done.get(partition) ?? 0)));
  });
}

/** Against the positions in Postgres, which alone decide. */
function behindPositions(judged: Judged, topicPrefix: string): Promise<number> {
  return withAdmin(judged, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(topicPrefix));
    const ends = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
    const statement = `select coalesce(sum(next_offset), 0) from tributary.position where starts_with(topic, '${topicPrefix}')`;
    return sum(ends.flat().map(({ high }) => Number(high))) - (await count(judged, statement));
  });
}

export async function count({ truth }: Pick<Judged, 'truth'>, statement: string): Promise<number> {
  const { rows } = await truth.query<Record<string, string>>(statement);
  return Number(Object.values(rows[0]!)[0]);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
