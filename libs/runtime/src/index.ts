export { runService, startService, type HttpOptions, type RunningService, type ServiceOptions } from './run-service.ts';
export type { Check, Service } from './service.ts';
export {
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
  url,
  type ConfigOf,
  type ConfigSpec,
  type Setting,
} from './settings.ts';
export { ConfigError, parseConfig, printConfig, type Environment } from './config.ts';
export { commonSettings, databaseSettings, kafkaSettings, toKafkaSettings, type KafkaConfig } from './common-config.ts';
export { createLog, type Fields, type Log, type LogLevel } from './log.ts';
export { BatchHandler } from './batch-handler.ts';
export { KafkaStrategy, type ConsumerRoute } from './kafka-strategy.ts';
export { VERSION } from './version.ts';
export { requireDurability } from './require-durability.ts';
