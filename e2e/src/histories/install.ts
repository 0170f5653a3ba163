import { randomUUID } from 'node:crypto';
import { RECORD_KINDS, topicNames, topicTable } from '@tributary/contracts';
import type { Stack } from '@tributary/embedded';
import { createKafka, ensureTopics, registerSchemas } from '@tributary/kafka';
import {
  createPool,
  ensureServiceLogins,
  migrate,
  storeSchemas,
  storeTopic,
  type ServiceRole,
} from '@tributary/postgres';

/** Topics, tables, logins and schemas of a fresh installation. */
export async function install(stack: Stack, logins: Record<ServiceRole, string>): Promise<void> {
  const specs = topicTable(topicNames(), ['front'], RECORD_KINDS);
  const kafka = createKafka({ brokers: stack.brokers, clientId: 'histories-install' });
  await ensureTopics(kafka, specs, { factor: 1, minIsr: 1 });
  const admin = kafka.kafka.admin();
  await admin.connect();
  const { clusterId } = await admin.describeCluster();
  await admin.disconnect();
  await migrate(stack.ownerUrl);
  await ensureServiceLogins(stack.ownerUrl, logins);
  const pool = createPool(stack.ownerUrl, { max: 1, applicationName: 'histories install' });
  try {
    await storeSchemas(pool, await registerSchemas({ url: stack.registryUrl }, specs));
    for (const { name } of specs) await storeTopic(pool, { name, incarnation: randomUUID(), clusterId });
  } finally {
    await pool.end();
  }
}
