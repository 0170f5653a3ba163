import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Signature, Verdict, WebhookRequest } from './connector.ts';

/** A part of the signed bytes: the body as received, a header's text, or literal text. */
export type SignedPart = { readonly body: true } | { readonly header: string } | string;

export const BODY: SignedPart = { body: true };
export const header = (name: string): SignedPart => ({ header: name });

export interface HmacDescription {
  readonly hash: 'sha256' | 'sha1';
  readonly encoding: 'base64' | 'hex';
  /** The header that carries the signature. */
  readonly in: string;
  /** What stands before the digest in that header, as in `sha256=`. */
  readonly prefix?: string;
  readonly signs: readonly SignedPart[];
  /** Where the vendor signs a time: older or newer deliveries are refused. */
  readonly timestamp?: { readonly header: string; readonly unit: 'ms' | 's'; readonly toleranceMs: number };
}

/** One HMAC over the bytes as received, compared in constant time; any of the secrets may be the one (rotation). */
export function hmacSignature(description: HmacDescription): Signature {
  const keyOf = rememberKeys();
  return {
    verify(request, secrets) {
      const given = signatureOf(request, description);
      if (!given || !description.signs.every((part) => isPresent(part, request))) return 'invalid';
      const known = secrets.some((secret) => timingSafeSame(digest(request, description, keyOf(secret)), given));
      return known ? withinWindow(request, description) : 'invalid';
    },
  };
}

function signatureOf({ headers }: WebhookRequest, { in: name, prefix = '', encoding }: HmacDescription): Buffer | null {
  const text = headers[name];
  return text?.startsWith(prefix) ? Buffer.from(text.slice(prefix.length), encoding) : null;
}

function isPresent(part: SignedPart, { headers }: WebhookRequest): boolean {
  return typeof part === 'string' || 'body' in part || headers[part.header] !== undefined;
}

function digest(request: WebhookRequest, { hash, signs }: HmacDescription, key: KeyObject): Buffer {
  const hmac = createHmac(hash, key);
  for (const part of signs) {
    if (typeof part === 'string') hmac.update(part);
    else hmac.update('body' in part ? request.body : request.headers[part.header]!);
  }
  return hmac.digest();
}

const timingSafeSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

function withinWindow({ headers, nowMs }: WebhookRequest, { timestamp }: HmacDescription): Verdict {
  if (!timestamp) return 'valid';
  const signedAtMs = Number(headers[timestamp.header]) * (timestamp.unit === 's' ? 1000 : 1);
  return Math.abs(nowMs - signedAtMs) <= timestamp.toleranceMs ? 'valid' : 'expired';
}

/** Making a key object costs as much as the HMAC; secrets are long-lived buffers, so each is made once. */
function rememberKeys(): (secret: Buffer) => KeyObject {
  const keys = new WeakMap<Buffer, KeyObject>();
  return (secret) => {
    const key = keys.get(secret) ?? createSecretKey(secret);
    keys.set(secret, key);
    return key;
  };
}
