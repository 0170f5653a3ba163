import { inspect } from 'node:util';
import { createVault, parseKeyRing } from './index.ts';

const ringText = (id: string, fill: number) => `${id}:${Buffer.alloc(32, fill).toString('base64')}`;
const place = { organizationId: 'org-1', connectionId: 'con-1', field: 'token' };

function sealedSecret(ring = ringText('k1', 1)) {
  const vault = createVault({ ring: parseKeyRing(ring) });
  const dataKey = vault.newDataKey('org-1', 1);
  const ciphertext = vault.seal(place, { version: 3, plaintext: Buffer.from('s3cret') }, dataKey);
  return { vault, dataKey, ciphertext };
}

describe('vault', () => {
  it('opens what it sealed', () => {
    const { vault, dataKey, ciphertext } = sealedSecret();
    expect(
      vault
        .open({ ...place, ciphertext, dataKeys: [dataKey] })
        .reveal()
        .toString(),
    ).toBe('s3cret');
  });

  it('opens under a ring whose first key is newer', () => {
    const { dataKey, ciphertext } = sealedSecret();
    const rotated = createVault({ ring: parseKeyRing(`${ringText('k2', 2)},${ringText('k1', 1)}`) });
    expect(
      rotated
        .open({ ...place, ciphertext, dataKeys: [dataKey] })
        .reveal()
        .toString(),
    ).toBe('s3cret');
  });

  it.each([
    ['another organization', { organizationId: 'org-2' }],
    ['another connection', { connectionId: 'con-2' }],
    ['another field', { field: 'signing_key' }],
  ])('does not open in the place of %s', (_, moved) => {
    const { vault, dataKey, ciphertext } = sealedSecret();
    expect(() => vault.open({ ...place, ...moved, ciphertext, dataKeys: [dataKey] })).toThrow(/cannot be opened/);
  });

  it.each([0, 1, 2, 3])('does not open with part %i of the ciphertext changed', (part) => {
    const { vault, dataKey, ciphertext } = sealedSecret();
    const parts = ciphertext.split('.');
    parts[part] =
      part === 3 ? `A${parts[3]!.slice(1).replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}` : `${parts[part]}9`;
    expect(() => vault.open({ ...place, ciphertext: parts.join('.'), dataKeys: [dataKey] })).toThrow(
      /cannot be opened/,
    );
  });

  it('names a missing key-encryption key', () => {
    const { dataKey, ciphertext } = sealedSecret();
    const other = createVault({ ring: parseKeyRing(ringText('k9', 9)) });
    expect(() => other.open({ ...place, ciphertext, dataKeys: [dataKey] })).toThrow(/key-encryption key k1/);
  });

  it('prints a secret as stars, however it is printed', () => {
    const { vault, dataKey, ciphertext } = sealedSecret();
    const secret = vault.open({ ...place, ciphertext, dataKeys: [dataKey] });
    expect([`${secret}`, JSON.stringify({ secret }), inspect({ secret })].join()).not.toContain('s3cret');
    expect(JSON.stringify(secret)).toBe('"***"');
  });
});

describe('key ring', () => {
  it.each(['', 'k1', 'k1:short', `${ringText('k1', 1)},${ringText('k1', 2)}`])('refuses %j with a remedy', (text) => {
    expect(() => parseKeyRing(text)).toThrow(/openssl rand/);
  });
});
