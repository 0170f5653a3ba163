import { createRequire } from 'node:module';
import { crc32c } from './crc32c.ts';

const require = createRequire(import.meta.url);
const CHECKSUM = 'kafkajs/src/protocol/recordBatch/crc32C/index.js';

export type Checksum = (bytes: Uint8Array) => number;

/**
 * kafkajs works out the checksum of each batch that it sends byte by byte. It asks for the function when the first request is encoded,
 * so replacing the module before that is enough. See repair-checksum.spec.ts.
 */
export function repairChecksum(checksum: Checksum = crc32c): void {
  loadChecksum();
  require.cache[require.resolve(CHECKSUM)]!.exports = checksum;
}

export function loadChecksum(): Checksum {
  return require(CHECKSUM);
}
