import {
  defineConfig,
  kafkaSettings,
  port,
  secret,
  secretUrl,
  type commonSettings,
  type ConfigOf,
} from '@tributary/runtime';

export const config = defineConfig({
  ...kafkaSettings,
  port: port('PORT', { default: 7101 }),
  databaseUrl: secretUrl('DATABASE_URL'),
  /** Opens webhook secrets and nothing else. */
  webhookKey: secret('WEBHOOK_KEY'),
});

export type Config = ConfigOf<typeof config & typeof commonSettings>;
