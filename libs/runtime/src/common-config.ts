import type { KafkaSettings } from '@tributary/kafka';
import { LOG_LEVELS } from './log.ts';
import {
  defineConfig,
  flag,
  integer,
  list,
  oneOf,
  optional,
  port,
  secret,
  secretUrl,
  text,
  type ConfigOf,
} from './settings.ts';

/** What every service has; `runService` adds it. */
export const commonSettings = defineConfig({
  serviceName: text('SERVICE_NAME', { default: '' }),
  environment: oneOf('ENVIRONMENT', ['development', 'production'], { default: 'development' }),
  logLevel: oneOf('LOG_LEVEL', LOG_LEVELS, { default: 'info' }),
  /** Empty: loopback in development, every interface in production. */
  host: text('HOST', { default: '' }),
  opsPort: port('OPS_PORT', { default: 0 }),
});

/** To be spread into the config of a service that speaks Kafka. */
export const kafkaSettings = defineConfig({
  kafkaBrokers: list('KAFKA_BROKERS'),
  kafkaSsl: flag('KAFKA_SSL'),
  kafkaSslCa: text('KAFKA_SSL_CA', { default: '' }),
  kafkaSaslMechanism: optional(oneOf('KAFKA_SASL_MECHANISM', ['plain', 'scram-sha-256', 'scram-sha-512'])),
  kafkaSaslUsername: text('KAFKA_SASL_USERNAME', { default: '' }),
  kafkaSaslPassword: secret('KAFKA_SASL_PASSWORD', { default: '' }),
  topicPrefix: text('TOPIC_PREFIX', { default: '' }),
  allowWeakDurability: flag('ALLOW_WEAK_DURABILITY'),
});

/** To be spread into the config of a service that speaks to Postgres. */
export const databaseSettings = defineConfig({
  databaseUrl: secretUrl('DATABASE_URL'),
  /** When a statement without an answer is given up. */
  databaseTimeoutMs: integer('DATABASE_TIMEOUT_MS', 500, 600_000, { default: 30_000 }),
});

export type KafkaConfig = ConfigOf<typeof kafkaSettings>;

export function toKafkaSettings(config: KafkaConfig, clientId: string): KafkaSettings {
  const { kafkaBrokers, kafkaSsl, kafkaSslCa, kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslPassword } = config;
  return {
    brokers: kafkaBrokers,
    clientId,
    ...(kafkaSsl ? { ssl: kafkaSslCa === '' ? true : { ca: kafkaSslCa } } : {}),
    ...(kafkaSaslMechanism === null
      ? {}
      : { sasl: { mechanism: kafkaSaslMechanism, username: kafkaSaslUsername, password: kafkaSaslPassword } }),
  };
}
