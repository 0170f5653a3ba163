import { isDurable, readDurability, type KafkaClient } from '@tributary/kafka';
import type { KafkaConfig } from './common-config.ts';
import type { Service } from './service.ts';

/**
 * Outside development a service is not ready on topics that lose acknowledged messages with one machine, unless ALLOW_WEAK_DURABILITY says so.
 * Asked until it holds: copies do not become fewer by themselves.
 */
export function requireDurability(
  service: Service,
  kafka: KafkaClient,
  config: KafkaConfig,
  topics: readonly string[],
): void {
  if (service.environment === 'development' || config.allowWeakDurability) return;
  let isProven = false;
  service.readyWhen('durability', async () => {
    if (isProven) return true;
    const weak = (await readDurability(kafka, topics)).filter((topic) => !isDurable(topic));
    isProven = weak.length === 0;
    if (!isProven)
      service.log(
        'error',
        'topics are not durable: 3 replicas and min.insync.replicas 2 are needed, or ALLOW_WEAK_DURABILITY=true',
        { weak },
      );
    return isProven;
  });
}
