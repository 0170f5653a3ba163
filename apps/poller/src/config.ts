import { allConnectors } from '@tributary/connectors';
import {
  databaseSettings,
  defineConfig,
  integer,
  kafkaSettings,
  list,
  secret,
  url,
  type ConfigOf,
  type Setting,
} from '@tributary/runtime';

/** One name per connector: points it at the simulator or a proxy. */
const baseUrls = Object.fromEntries(
  allConnectors.map(({ vendor, api }): [`baseUrl.${string}`, Setting<string>] => [
    `baseUrl.${vendor}`,
    url(api.baseUrlEnv, { default: '' }),
  ]),
);

export const config = defineConfig({
  ...kafkaSettings,
  ...databaseSettings,
  ...baseUrls,
  encryptionKey: secret('ENCRYPTION_KEY'),
  vendors: list('VENDORS'),
  /** How long a read waits before it is repeated, one after the other. */
  repeatReadAfterMs: list('REPEAT_READ_AFTER_MS', { default: ['2000', '10000', '60000'] }),
  confirmReadAfterMs: integer('CONFIRM_READ_AFTER_MS', 0, 3_600_000, { default: 30_000 }),
  /** When a call that the vendor does not answer is given up. */
  callTimeoutMs: integer('CALL_TIMEOUT_MS', 100, 600_000, { default: 30_000 }),
  callsAtOnce: integer('CALLS_AT_ONCE', 1, 64, { default: 8 }),
});
export type Config = ConfigOf<typeof config>;

export function baseUrlsOf(config: Config): Record<string, string> {
  return Object.fromEntries(
    allConnectors.flatMap(({ vendor }) => {
      const address = (config as Readonly<Record<string, unknown>>)[`baseUrl.${vendor}`];
      return typeof address === 'string' && address !== '' ? [[vendor, address]] : [];
    }),
  );
}
