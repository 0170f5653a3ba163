import { promisify } from 'node:util';
import { zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
// Node finds no names in that module behind the first that is not a plain one, so these two come by the default.
import kafkajs from 'kafkajs';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** Below this a thread costs more than the event loop is held up. */
const OFF_LOOP_BYTES = 64 * 1024;

const compressOffLoop = promisify(zstdCompress);
const decompressOffLoop = promisify(zstdDecompress);

/** What kafkajs asks of a codec. */
export const zstd = {
  /** The frame tells its size, so that readers need not guess how much room it takes. */
  async compress({ buffer }: { readonly buffer: Buffer }): Promise<Buffer> {
    const options = { pledgedSrcSize: buffer.length };
    return buffer.length > OFF_LOOP_BYTES ? compressOffLoop(buffer, options) : zstdCompressSync(buffer, options);
  },
  async decompress(frame: Buffer): Promise<Buffer> {
    return frame.length > OFF_LOOP_BYTES ? decompressOffLoop(frame) : zstdDecompressSync(frame);
  },
};

/** kafkajs knows the codec's number but has none; without one a single batch compressed so stops a consumer for good. */
export function addZstd(): void {
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
}
