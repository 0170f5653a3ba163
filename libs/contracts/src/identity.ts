import { createHash } from 'node:crypto';
import type { RawRef } from './raw-event.ts';

/** Namespaces are part of the contract: changing one changes every id ever given. Golden values stand in identity.spec.ts. */
const RECORD_NAMESPACE = '6f1d6c1e-2f0b-5a52-9d6e-2f3f2f3c9a01';
const CHANGE_NAMESPACE = '6f1d6c1e-2f0b-5a52-9d6e-2f3f2f3c9a02';
const LETTER_NAMESPACE = '6f1d6c1e-2f0b-5a52-9d6e-2f3f2f3c9a03';

/** Whose a dead letter is that nobody can read. */
export const NO_ORGANIZATION = '00000000-0000-0000-0000-000000000000';

export interface Identity {
  readonly organizationId: string;
  readonly vendor: string;
  readonly account: string;
  readonly kind: string;
  readonly externalId: string;
}

/** Survives removing and adding a connection: no connection id is in it. */
export function recordId({ organizationId, vendor, account, kind, externalId }: Identity): string {
  return uuidV5(RECORD_NAMESPACE, JSON.stringify([organizationId, vendor, account, kind, externalId]));
}

/** Stable under redelivery and replay: depends on the record and its two registers alone. */
export function changeEventId(record: {
  readonly id: string;
  readonly orderKey: Buffer;
  readonly operation: string;
  readonly existenceStamp: number;
}): string {
  return uuidV5(
    CHANGE_NAMESPACE,
    `${record.id}:${record.orderKey.toString('hex')}:${record.existenceStamp}:${record.operation}`,
  );
}

/** A dead letter by where the original was: buried twice after a crash, it is still one letter. */
export function letterId({ topic, partition, offset }: RawRef): string {
  return uuidV5(LETTER_NAMESPACE, `${topic}:${partition}:${offset}`);
}

/** RFC 9562 section 5.5. */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
