import { Failure } from '@tributary/contracts';
import { KEY_BYTES } from './aead.ts';

/** Key-encryption keys by id; the first one encrypts, all of them decrypt. */
export interface KeyRing {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Buffer>;
}

/** `id:base64,id:base64`, each key 32 bytes. There is no default key. */
export function parseKeyRing(text: string): KeyRing {
  const entries = text.split(',').map(parseEntry);
  const keys = new Map(entries);
  if (keys.size !== entries.length) throw misconfigured('two keys have the same id');
  return { current: entries[0]![0], keys };
}

function parseEntry(entry: string, index: number): [string, Buffer] {
  const [id, encoded, ...rest] = entry.trim().split(':');
  const key = Buffer.from(encoded ?? '', 'base64');
  if (!id || rest.length > 0 || key.length !== KEY_BYTES) {
    throw misconfigured(`entry ${index + 1} is not "id:base64 of ${KEY_BYTES} bytes"`);
  }
  return [id, key];
}

function misconfigured(fault: string): Failure {
  return new Failure('misconfigured', `Key ring: ${fault}; make one with: openssl rand -base64 ${KEY_BYTES}`);
}
