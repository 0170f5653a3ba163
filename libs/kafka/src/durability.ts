import kafkajs from 'kafkajs';
import { translateKafkaError, type KafkaClient } from './client.ts';

export interface Durability {
  readonly topic: string;
  readonly replicas: number;
  readonly minInsync: number;
}

/** Node finds no such name among the exports of kafkajs; the module object has it. */
const { ConfigResourceTypes } = kafkajs;
/** Fewer copies than these lose an acknowledged message with one machine. */
const REPLICAS = 3;
const MIN_INSYNC = 2;

export const isDurable = ({ replicas, minInsync }: Durability): boolean =>
  replicas >= REPLICAS && minInsync >= MIN_INSYNC;

/** How many copies the broker really keeps, whatever was asked for when the topic was made. */
export async function readDurability(
  { kafka }: KafkaClient,
  topics: readonly string[],
): Promise<readonly Durability[]> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map((name) => ({
        type: ConfigResourceTypes.TOPIC,
        name,
        configNames: ['min.insync.replicas'],
      })),
    });
    return metadata.topics.map(({ name, partitions }) => ({
      topic: name,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      minInsync: Number(
        resources.find(({ resourceName }) => resourceName === name)?.configEntries[0]?.configValue ?? 1,
      ),
    }));
  } catch (error) {
    throw translateKafkaError(error, 'asking how durable topics are');
  } finally {
    await admin.disconnect();
  }
}
