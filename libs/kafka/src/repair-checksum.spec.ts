import { createRequire } from 'node:module';
import { createKafka } from './client.ts';
import { crc32c } from './crc32c.ts';
import { loadChecksum, repairChecksum } from './repair-checksum.ts';

interface RecordBatches {
  RecordBatch(options: { readonly records: readonly unknown[] }): Promise<{ readonly buffer: Buffer }>;
}

/** Behind base offset, length, leader epoch and magic byte. */
const PLACE_OF_CHECKSUM = 8 + 4 + 4 + 1;

const checksumOf = async (records: readonly unknown[]) => {
  const { RecordBatch } = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/v0') as RecordBatches;
  const { buffer } = await RecordBatch({ records });
  return { written: buffer.readUInt32BE(PLACE_OF_CHECKSUM), body: buffer.subarray(PLACE_OF_CHECKSUM + 4) };
};

// When one of these fails the library has changed: see whether the repair is still needed, and where it must be made.
describe('the checksum of kafkajs', () => {
  it('is the one that we make', () => {
    const theirs = loadChecksum();
    for (let length = 0; length < 40; length += 1) {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 37) & 0xff));
      expect(theirs(bytes)).toBe(crc32c(bytes));
    }
  });

  it('is asked of us for every batch once repaired', async () => {
    const asked: Uint8Array[] = [];
    repairChecksum((bytes) => {
      asked.push(Uint8Array.from(bytes));
      return 0xdecafbad;
    });
    const { written, body } = await checksumOf([]);
    expect([written, asked]).toEqual([0xdecafbad, [Uint8Array.from(body)]]);
  });

  it('is repaired by making a client', () => {
    createKafka({ brokers: ['127.0.0.1:1'], clientId: 'spec' });
    expect(loadChecksum()).toBe(crc32c);
  });
});
