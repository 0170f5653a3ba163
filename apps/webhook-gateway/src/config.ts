import {
  databaseSettings,
  defineConfig,
  kafkaSettings,
  port,
  secret,
  type commonSettings,
  type ConfigOf,
} from '@tributary/runtime';

export const config = defineConfig({
  ...kafkaSettings,
  ...databaseSettings,
  port: port('PORT', { default: 7101 }),
  /** Opens webhook secrets and nothing else. */
  webhookKey: secret('WEBHOOK_KEY'),
});

export type Config = ConfigOf<typeof config & typeof commonSettings>;
