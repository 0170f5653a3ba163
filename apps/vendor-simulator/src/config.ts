import { defineConfig, port, secret, text, type ConfigOf } from '@tributary/runtime';

export const config = defineConfig({
  port: port('PORT'),
  simulatorToken: secret('SIMULATOR_TOKEN'),
  /** Where the journal of everything that the fake vendors did is kept. */
  dataFolder: text('SIMULATOR_DATA_DIR'),
});
export type Config = ConfigOf<typeof config>;
