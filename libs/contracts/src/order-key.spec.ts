import fc from 'fast-check';
import { checksumOf, compareOrderKeys, orderKey, readOrderKey, type OrderKeyParts } from './index.ts';

const parts = fc.record({
  sourceVersion: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  readStamp: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  mappingVersion: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  checksum: fc.stringMatching(/^[0-9a-f]{32}$/),
});

function compareParts(a: OrderKeyParts, b: OrderKeyParts): number {
  const difference =
    a.sourceVersion - b.sourceVersion || a.readStamp - b.readStamp || a.mappingVersion - b.mappingVersion;
  if (difference) return Math.sign(difference);
  return a.checksum === b.checksum ? 0 : a.checksum < b.checksum ? -1 : 1;
}

describe('order key', () => {
  it('compares as bytes exactly as its parts compare', () => {
    fc.assert(fc.property(parts, parts, (a, b) => compareOrderKeys(orderKey(a), orderKey(b)) === compareParts(a, b)));
  });

  it('gives back its parts', () => {
    fc.assert(fc.property(parts, (a) => expect(readOrderKey(orderKey(a))).toEqual(a)));
  });

  it('has the committed bytes', () => {
    const key = orderKey({
      sourceVersion: 1735689600123000,
      readStamp: 1735689601000000,
      mappingVersion: 7,
      checksum: checksumOf({ a: 1 }),
    });
    expect(key.toString('hex')).toBe('00062a99ba0e407800062a99ba1ba24000000007015abd7f5cc57a2dd94b7590f04ad808');
  });
});

describe('checksum', () => {
  it('does not depend on the order of members, at any depth', () => {
    expect(checksumOf({ a: { x: 1, y: [2] }, b: null })).toBe(checksumOf({ b: null, a: { y: [2], x: 1 } }));
  });

  it('tells absent from null and text from number', () => {
    expect(new Set([{ a: null }, {}, { a: '1' }, { a: 1 }].map(checksumOf)).size).toBe(4);
  });
});
