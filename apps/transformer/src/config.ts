import { databaseSettings, defineConfig, kafkaSettings, type ConfigOf } from '@tributary/runtime';

export const config = defineConfig({ ...kafkaSettings, ...databaseSettings });
export type Config = ConfigOf<typeof config>;
