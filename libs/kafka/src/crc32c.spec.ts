import fc from 'fast-check';
import { crc32c } from './crc32c.ts';

const bytes = (length: number, at: (index: number) => number) => Uint8Array.from({ length }, (_, index) => at(index));

/** The definition: one bit after the other. */
function bitByBit(input: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of input) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

describe('CRC32C', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
  it.each([
    ['32 zeroes', bytes(32, () => 0), 0x8a9136aa],
    ['32 ones', bytes(32, () => 0xff), 0x62a8ab43],
    ['32 bytes rising', bytes(32, (index) => index), 0x46dd794e],
    ['32 bytes falling', bytes(32, (index) => 31 - index), 0x113fdb5c],
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(), 0],
  ])('of %s is what the standard says', (_what, input, expected) => {
    expect(crc32c(input)).toBe(expected);
  });

  it('is that of the definition for any bytes of any length, wherever they lie in their buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 7 }), (input, from) => {
        expect(crc32c(input.subarray(from))).toBe(bitByBit(input.subarray(from)));
      }),
    );
  });
});
