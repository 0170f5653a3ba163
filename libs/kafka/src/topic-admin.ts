import { Failure, type TopicSpec } from '@tributary/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { translateKafkaError, type KafkaClient } from './client.ts';

export interface Replication {
  readonly factor: number;
  readonly minIsr: number;
}

const LEADERS_WITHIN_MS = 30_000;
const POLL_MS = 20;

/** Creates what is missing and returns those names; a topic with another number of partitions is refused (keys would move). */
export async function ensureTopics(
  { kafka }: KafkaClient,
  specs: readonly TopicSpec[],
  replication: Replication,
): Promise<readonly string[]> {
  const admin = kafka.admin({ retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 10 } });
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = specs.filter(({ name }) => !existing.has(name));
    if (missing.length > 0) {
      // Waiting for leaders here fails under load with an unknown topic; the metadata is polled instead.
      await admin.createTopics({ waitForLeaders: false, topics: missing.map((spec) => toRequest(spec, replication)) });
    }
    await waitForLeaders(admin, specs);
    return missing.map(({ name }) => name);
  } catch (error) {
    throw translateKafkaError(error, 'creating topics');
  } finally {
    await admin.disconnect();
  }
}

const toRequest = ({ name, partitions, config }: TopicSpec, { factor, minIsr }: Replication) => ({
  topic: name,
  numPartitions: partitions,
  replicationFactor: factor,
  configEntries: Object.entries({ ...config, 'min.insync.replicas': String(minIsr) }).map(([key, value]) => ({
    name: key,
    value,
  })),
});

async function waitForLeaders(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
  const until = performance.now() + LEADERS_WITHIN_MS;
  for (;;) {
    const lacking = await withoutLeaders(admin, specs);
    if (lacking === null) return;
    if (performance.now() > until) throw new Failure('unavailable', `no leader for ${lacking}`);
    await sleep(POLL_MS);
  }
}

async function withoutLeaders(admin: Admin, specs: readonly TopicSpec[]): Promise<string | null> {
  const existing = new Set(await admin.listTopics());
  const absent = specs.find(({ name }) => !existing.has(name));
  if (absent) return absent.name;
  const { topics } = await admin.fetchTopicMetadata({ topics: specs.map(({ name }) => name) });
  for (const { name, partitions } of specs) {
    const found = topics.find((topic) => topic.name === name)?.partitions ?? [];
    if (found.length === 0 || found.some(({ leader }) => leader < 0)) return name;
    if (found.length === partitions) continue;
    throw new Failure(
      'misconfigured',
      `topic ${name} has ${found.length} partitions instead of ${partitions}: the number of a keyed topic never changes. Use another TOPIC_PREFIX, or make the topic anew.`,
    );
  }
  return null;
}
