import { databaseSettings, defineConfig, kafkaSettings, list, type ConfigOf } from '@tributary/runtime';

export const config = defineConfig({
  ...kafkaSettings,
  ...databaseSettings,
  /** How long a transient letter waits before it is sent back, one try after the other. */
  replayAfterMs: list('REPLAY_AFTER_MS', { default: ['1000', '2000', '4000', '8000', '16000'] }),
});
export type Config = ConfigOf<typeof config>;
