import { isFailure, type RawRef } from '@tributary/contracts';
import { backToOrigin, readLetter, type Message, type OutgoingMessage } from '@tributary/kafka';
import { inTransaction, readTopic, type Pool, type Sql } from '@tributary/postgres';
import { claim, dueLetters, giveUp, recordSent, type Claimed, type DueLetter } from './letter.repository.ts';

export interface ReplayPorts {
  readonly pool: Pool;
  /** The messages at these places; null where one is gone. */
  read(places: readonly RawRef[]): Promise<readonly (Message | null)[]>;
  /** Resolves when all in-sync replicas have the messages. */
  send(messages: readonly OutgoingMessage[]): Promise<unknown>;
  /** After each look: what is open may have changed. */
  onLook(): Promise<void>;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** People decide in Postgres, without a word to us. */
const LOOK_AGAIN_MS = 1_000;
const AT_ONCE = 25;

/** Sends letters back that are due: chosen by a person, or on the ladder. Several replicas share the work row by row. */
export class Replayer {
  readonly #stopping = new AbortController();
  #isWoken = false;
  #wakeUp = () => {};
  #loop: Promise<void> | null = null;

  constructor(private readonly ports: ReplayPorts) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  wake(): void {
    this.#isWoken = true;
    this.#wakeUp();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#isWoken = false;
      await this.#pause(await this.#look());
    }
  }

  /** Says after how long the next look is needed, if nobody wakes us before. */
  async #look(): Promise<number> {
    try {
      const letters = await dueLetters(this.ports.pool, AT_ONCE);
      const due = letters.filter(({ dueInMs }) => dueInMs === 0);
      const taken = due.length > 0 ? await replay(due, this.ports) : 0;
      await this.ports.onLook();
      return taken > 0
        ? 0
        : Math.min(LOOK_AGAIN_MS, letters.find(({ dueInMs }) => dueInMs > 0)?.dueInMs ?? LOOK_AGAIN_MS);
    } catch (error) {
      this.ports.warn('letters cannot be sent back now', { reason: (error as Error).message });
      return LOOK_AGAIN_MS;
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#isWoken || ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/**
 * The lock of the rows is the claim: it ends with the process, and what was sent but not recorded is sent once more.
 * Nothing is recorded before it is durable. Says how many letters were taken in hand.
 */
export async function replay(due: readonly DueLetter[], ports: ReplayPorts): Promise<number> {
  const organizations = [...new Set(due.map(({ organizationId }) => organizationId))];
  return inTransaction(ports.pool, organizations, async (sql) => {
    const claimed = await claim(
      sql,
      due.map(({ id }) => id),
    );
    if (claimed.length === 0) return 0;
    const known = await withKnownOrigin(sql, claimed);
    const messages = await ports.read(known.map(({ place }) => place));
    const sendable = known.flatMap((letter, index) => toSend(letter, messages[index] ?? null));
    for (const { id, place } of known.filter((letter) => !sendable.some(({ id }) => id === letter.id)))
      await giveUp(sql, id, `its bytes are gone from ${place.topic}`);
    await sendEach(sql, sendable, ports);
    return claimed.length;
  });
}

/** They travel together; one that Kafka refuses must not hold up the others. */
async function sendEach(sql: Sql, sendable: readonly Sendable[], { send }: ReplayPorts): Promise<void> {
  const ends = await Promise.allSettled(sendable.map(({ message }) => send([message])));
  const refused = new Map<string, unknown>();
  for (const [index, end] of ends.entries()) {
    if (end.status === 'fulfilled') continue;
    if (isFailure(end.reason)) throw end.reason;
    refused.set(sendable[index]!.id, end.reason);
  }
  const ids = sendable.map(({ id }) => id);
  await recordSent(
    sql,
    ids.filter((id) => !refused.has(id)),
  );
  for (const [id, error] of refused) await giveUp(sql, id, `Kafka does not take it back: ${(error as Error).message}`);
}

/** Headers are what somebody wrote: only topics of this installation are written to. */
async function withKnownOrigin(sql: Sql, claimed: readonly Claimed[]): Promise<readonly Claimed[]> {
  const known = new Set<string>();
  for (const topic of new Set(claimed.map(({ originTopic }) => originTopic)))
    if (await readTopic(sql, topic)) known.add(topic);
  for (const { id, originTopic } of claimed)
    if (!known.has(originTopic)) await giveUp(sql, id, `${originTopic} is no topic of this installation`);
  return claimed.filter(({ originTopic }) => known.has(originTopic));
}

interface Sendable {
  readonly id: string;
  readonly message: OutgoingMessage;
}

/** The attempt is the row's: a letter that is sent twice after a crash dies the same death twice. */
function toSend({ id, attempt, originTopic }: Claimed, message: Message | null): Sendable[] {
  const letter = message && readLetter(message);
  if (!letter) return [];
  const origin = { ...letter.origin, topic: originTopic };
  return [{ id, message: backToOrigin(message, { ...letter, id, attempt, origin }) }];
}
