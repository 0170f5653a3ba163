import type { Rig } from './rig.ts';

/** What is accepted by the stage before and not yet done by this one. */
export async function behind(rig: Rig, stage: string): Promise<number> {
  switch (stage) {
    case 'webhook-gateway':
      return (await rig.control<{ deliveries: { waiting: number } }>('GET', 'front/statistics')).deliveries.waiting;
    case 'transformer':
      return behindGroup(rig, 'tributary.raw.front', 'tributary.transformer');
    case 'poller':
      return (
        (await behindPositions(rig, 'tributary.commands.')) + (await count(rig, 'select count(*) from tributary.work'))
      );
    default:
      return behindPositions(rig, 'tributary.normalized.');
  }
}

const STAGES = ['webhook-gateway', 'transformer', 'poller', 'ingest-writer'] as const;

/** By stage, where anything waits; empty when all is through. */
export async function everythingBehind(rig: Rig): Promise<Readonly<Record<string, number>>> {
  const waiting = await Promise.all(STAGES.map(async (stage) => [stage, await behind(rig, stage)] as const));
  return Object.fromEntries(waiting.filter(([, number]) => number !== 0));
}

type Admin = ReturnType<Rig['kafka']['admin']>;

async function withAdmin<T>({ kafka }: Rig, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

function behindGroup(rig: Rig, topic: string, groupId: string): Promise<number> {
  return withAdmin(rig, async (admin) => {
    const ends = await admin.fetchTopicOffsets(topic);
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const done = new Map(group!.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
    return sum(ends.map(({ partition, high }) => Number(high) - (done.get(partition) ?? 0)));
  });
}

/** Against the positions in Postgres, which alone decide. */
function behindPositions(rig: Rig, topicPrefix: string): Promise<number> {
  return withAdmin(rig, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(topicPrefix));
    const ends = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
    const statement = `select coalesce(sum(next_offset), 0) from tributary.position where starts_with(topic, '${topicPrefix}')`;
    return sum(ends.flat().map(({ high }) => Number(high))) - (await count(rig, statement));
  });
}

async function count({ truth }: Rig, statement: string): Promise<number> {
  const { rows } = await truth.query<Record<string, string>>(statement);
  return Number(Object.values(rows[0]!)[0]);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
