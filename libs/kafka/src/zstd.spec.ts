import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import { createKafka } from './client.ts';
import { zstd } from './zstd.ts';

interface Compression {
  lookupCodec(type: number): unknown;
}

describe('the codec of zstd', () => {
  // When this fails the library has changed: see whether it has the codec by now, and where ours must go.
  it('is missing in kafkajs, and is ours once a client is made', () => {
    const { CompressionCodecs, CompressionTypes } = kafkajs;
    expect(CompressionCodecs[CompressionTypes.ZSTD]).toThrow('ZSTD compression not implemented');
    createKafka({ brokers: ['127.0.0.1:1'], clientId: 'spec' });
    const wire = createRequire(import.meta.url)('kafkajs/src/protocol/message/compression') as Compression;
    expect(wire.lookupCodec(CompressionTypes.ZSTD)).toBe(zstd);
  });

  it.each([0, 1, 64 * 1024, 64 * 1024 + 1, 3_000_000])('gives back %i bytes as they were', async (size) => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, index) => (index * index) & 0xff));
    const frame = await zstd.compress({ buffer: bytes });
    expect((await zstd.decompress(frame)).equals(bytes)).toBe(true);
  });

  it('refuses what is no frame', async () => {
    await expect(zstd.decompress(Buffer.from('no frame'))).rejects.toThrow();
  });
});
