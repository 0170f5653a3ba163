import { databaseSettings, defineConfig, integer, kafkaSettings, text, type ConfigOf } from '@tributary/runtime';

export const config = defineConfig({
  ...kafkaSettings,
  ...databaseSettings,
  /** A file with the certificate of the authority that signed Postgres's. */
  databaseCaFile: text('PGSSLROOTCERT', { default: '' }),
  databaseConnections: integer('DATABASE_CONNECTIONS', 1, 100, { default: 6 }),
});

export type Config = ConfigOf<typeof config>;
