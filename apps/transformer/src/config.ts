import { defineConfig, kafkaSettings, secretUrl, type ConfigOf } from '@tributary/runtime';

export const config = defineConfig({ ...kafkaSettings, databaseUrl: secretUrl('DATABASE_URL') });
export type Config = ConfigOf<typeof config>;
