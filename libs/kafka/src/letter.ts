import { DEAD_CLASSES, letterId, STAGES, type DeadClass, type RawRef, type Stage } from '@tributary/contracts';
import type { Message } from './message.ts';
import type { OutgoingMessage } from './producer.ts';

/** What the headers of a dead letter say; its bytes and its key are the original's. */
export interface Letter {
  /** The same however often these bytes were sent back and died again. */
  readonly id: string;
  readonly stage: Stage;
  readonly class: DeadClass;
  readonly reason: string;
  /** Where the message was when it died. */
  readonly origin: RawRef;
  /** Deaths so far. */
  readonly attempt: number;
  readonly app: string;
  readonly version: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** What the burier adds. The rest are the original's own, and two that a replay adds: `letter` and `attempt`. */
const ABOUT_THE_DEATH = ['topic', 'partition', 'offset', 'stage', 'class', 'reason', 'app', 'version'];

const wordOf = <Word extends string>(words: readonly Word[], text: string | undefined): Word | undefined =>
  words.find((word) => word === text);

/** Null where the headers are not a burier's. */
export function readLetter({ headers }: Message): Letter | null {
  const { topic, reason = '', app = '', version = '', letter = '' } = headers;
  const stage = wordOf(STAGES, headers['stage']);
  const [partition, offset, attempt] = ['partition', 'offset', 'attempt'].map((name) => Number(headers[name]));
  if (!topic || !stage || ![partition, offset, attempt].every(Number.isSafeInteger)) return null;
  const origin = { topic, partition: partition!, offset: offset! };
  return {
    id: UUID.test(letter) ? letter : letterId(origin),
    stage,
    // Letters that were buried before there were classes have none.
    class: wordOf(DEAD_CLASSES, headers['class']) ?? 'permanent',
    reason,
    origin,
    attempt: attempt!,
    app,
    version,
  };
}

/** The same bytes under the same key, to the topic they came from. Should they die again, the burier hands `letter` and `attempt` on. */
export function backToOrigin({ key, value, headers }: Message, { id, origin, attempt }: Letter): OutgoingMessage {
  const own = Object.entries(headers).filter(([name]) => !ABOUT_THE_DEATH.includes(name));
  return {
    topic: origin.topic,
    key,
    value,
    headers: { ...Object.fromEntries(own), letter: id, attempt: String(attempt + 1) },
  };
}
