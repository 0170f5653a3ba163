import { CodecError, type Codec, type Message } from '@tributary/kafka';
import type { DeadLetter, LetterGroup } from '@tributary/postgres/control-plane';

/** Bytes as people read them, if they are text: reading it back gives the same bytes. */
export type Shown = { readonly utf8: string } | { readonly base64: string };

export function show(bytes: Buffer): Shown {
  const utf8 = bytes.toString('utf8');
  return Buffer.from(utf8).equals(bytes) ? { utf8 } : { base64: bytes.toString('base64') };
}

/** The same value with its bytes shown. */
export function readable(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return show(value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, readable(inner)]));
}

export interface Opened {
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: Shown | null;
  /** As the topic it came from reads it; null where it cannot be read, and why. */
  readonly decoded: unknown;
  readonly undecodable: string | null;
}

/** The bytes as they were, beside what they say. */
export function open({ headers, value }: Message, { originTopic }: DeadLetter, codec: Codec): Opened {
  if (value === null) return { headers, raw: null, decoded: null, undecodable: 'no value' };
  const raw = show(value);
  try {
    return { headers, raw, decoded: readable(codec.decode(originTopic, value)), undecodable: null };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { headers, raw, decoded: null, undecodable: error.message };
  }
}

/** What a vendor sent must not steer the terminal. */
export const harmless = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '\u{fffd}');

const time = (at: Date) => at.toISOString().slice(0, 19).replace('T', ' ');

export const letterLine = ({ id, stage, class: deadClass, state, attempt, lastAt, reason }: DeadLetter): string =>
  `${id}  ${time(lastAt)}  ${stage.padEnd(9)} ${deadClass.padEnd(9)} ${state.padEnd(9)} ${String(attempt).padStart(2)}  ${harmless(reason)}`;

export const groupLine = ({ stage, class: deadClass, cause, count, lastAt, example }: LetterGroup): string =>
  `${String(count).padStart(7)}  ${stage.padEnd(9)} ${deadClass.padEnd(9)} ${time(lastAt)}  ${harmless(cause)}  (such as ${example})`;
