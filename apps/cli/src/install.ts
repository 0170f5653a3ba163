import { randomUUID } from 'node:crypto';
import { allConnectors, allKinds } from '@tributary/connectors';
import { topicNames, topicTable, type TopicSpec } from '@tributary/contracts';
import { createKafka, ensureTopics, registerSchemas, type KafkaClient } from '@tributary/kafka';
import {
  createPool,
  ensureServiceLogins,
  migrate,
  readTopic,
  storeSchemas,
  storeTopic,
  type Pool,
} from '@tributary/postgres';
import type { Secrets } from './installation.ts';

export interface Target {
  readonly ownerUrl: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
}

export const topicSpecs = (): TopicSpec[] =>
  topicTable(
    topicNames(process.env.TOPIC_PREFIX),
    allConnectors.map(({ vendor }) => vendor),
    allKinds(),
  );

/** One machine has one broker. */
const ONE_BROKER = { factor: 1, minIsr: 1 };

async function clusterIdOf({ kafka }: KafkaClient): Promise<string> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).clusterId;
  } finally {
    await admin.disconnect();
  }
}

/** A topic that was made anew starts at offset 0 again: positions of an earlier making must not count. */
async function recordTopics(
  pool: Pool,
  names: readonly string[],
  created: readonly string[],
  clusterId: string,
): Promise<void> {
  for (const name of names) {
    const known = created.includes(name) ? undefined : await readTopic(pool, name);
    if (known?.clusterId !== clusterId) await storeTopic(pool, { name, incarnation: randomUUID(), clusterId });
  }
}

/** Brings topics, schema, logins and Avro schemas to this release; safe to repeat at every start. */
export async function install(target: Target, secrets: Secrets): Promise<void> {
  const specs = topicSpecs();
  const kafka = createKafka({ brokers: target.brokers, clientId: 'tributary-install' });
  const [created, clusterId, schemas] = await Promise.all([
    ensureTopics(kafka, specs, ONE_BROKER),
    clusterIdOf(kafka),
    registerSchemas({ url: target.registryUrl }, specs),
    migrate(target.ownerUrl),
  ]);
  await ensureServiceLogins(target.ownerUrl, secrets.serviceLogins);
  const pool = createPool(target.ownerUrl, { max: 1, applicationName: 'tributary install' });
  try {
    await storeSchemas(pool, schemas);
    await recordTopics(
      pool,
      specs.map(({ name }) => name),
      created,
      clusterId,
    );
  } finally {
    await pool.end();
  }
}
