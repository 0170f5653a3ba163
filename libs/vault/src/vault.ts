import { randomBytes } from 'node:crypto';
import { Failure } from '@tributary/contracts';
import { decrypt, encrypt, KEY_BYTES } from './aead.ts';
import type { KeyRing } from './key-ring.ts';
import { Secret } from './secret.ts';

/** An organization's data key, wrapped by a key-encryption key: what the table `data_key` holds. */
export interface DataKey {
  readonly version: number;
  readonly kekId: string;
  /** base64 */
  readonly wrapped: string;
}

export interface Place {
  readonly organizationId: string;
  readonly connectionId: string;
  readonly field: string;
}

export interface Sealed extends Place {
  /** `v1.<data key version>.<secret version>.<base64url>` */
  readonly ciphertext: string;
  readonly dataKeys: readonly DataKey[];
}

export interface Vault {
  newDataKey(organizationId: string, version: number): DataKey;
  seal(place: Place, secret: { readonly version: number; readonly plaintext: Buffer }, dataKey: DataKey): string;
  open(sealed: Sealed): Secret;
}

const FORMAT = 'v1';

/** Envelope encryption for one purpose: the ring belongs to it, so no service can open another purpose's secrets. */
export function createVault({ ring }: { readonly ring: KeyRing }): Vault {
  const unwrap = rememberUnwrapped(ring);
  return {
    newDataKey(organizationId, version) {
      const kek = ring.keys.get(ring.current)!;
      const wrapped = encrypt(kek, randomBytes(KEY_BYTES), [organizationId, version]);
      return { version, kekId: ring.current, wrapped: wrapped.toString('base64') };
    },
    seal(place, { version, plaintext }, dataKey) {
      const sealed = encrypt(unwrap(place.organizationId, dataKey), plaintext, contextOf(place, version));
      return [FORMAT, dataKey.version, version, sealed.toString('base64url')].join('.');
    },
    open({ ciphertext, dataKeys, ...place }) {
      const [format, dataKeyVersion, version, encoded] = ciphertext.split('.');
      const dataKey = dataKeys.find((key) => key.version === Number(dataKeyVersion));
      if (format !== FORMAT || !dataKey || !encoded) throw unreadable(place, 'its data key or format is not known');
      try {
        const key = unwrap(place.organizationId, dataKey);
        return new Secret(decrypt(key, Buffer.from(encoded, 'base64url'), contextOf(place, Number(version))));
      } catch (error) {
        throw unreadable(place, error instanceof Failure ? error.message : 'it was changed, or belongs elsewhere');
      }
    },
  };
}

function contextOf({ organizationId, connectionId, field }: Place, version: number): readonly unknown[] {
  return [organizationId, connectionId, field, version];
}

/** Names the row and the reason; never the bytes or the underlying error. */
function unreadable({ connectionId, field }: Place, why: string): Failure {
  return new Failure('misconfigured', `Secret ${field} of connection ${connectionId} cannot be opened: ${why}`);
}

function rememberUnwrapped(ring: KeyRing): (organizationId: string, dataKey: DataKey) => Buffer {
  const unwrapped = new Map<string, Buffer>();
  return (organizationId, { version, kekId, wrapped }) => {
    const known = unwrapped.get(wrapped);
    if (known) return known;
    const kek = ring.keys.get(kekId);
    if (!kek) throw new Failure('misconfigured', `key-encryption key ${kekId} is not in the ring`);
    const key = decrypt(kek, Buffer.from(wrapped, 'base64'), [organizationId, version]);
    unwrapped.set(wrapped, key);
    return key;
  };
}
