import { createHmac } from 'node:crypto';
import { request } from 'undici';
import { chance } from './chance.ts';
import type { FrontEvent } from './events.ts';
import type { Account, World } from './world.ts';

/** Front waits five seconds for an answer and tries three times. */
const ANSWER_WITHIN_MS = 5_000;
const TRIES = 3;
const AT_ONCE = 16;

export interface DeliveryStatistics {
  readonly sent: number;
  readonly taken: number;
  readonly refused: number;
  readonly waiting: number;
}

/** Sends application webhooks, signed over the bytes, a bounded number at once. */
export class Deliveries {
  readonly #world: World;
  readonly #pauseMs: (attempt: number) => number;
  readonly #underWay = new Set<string>();
  readonly #stopping = new AbortController();
  readonly #count = { sent: 0, taken: 0, refused: 0 };

  constructor(world: World, pauseMs: (attempt: number) => number) {
    this.#world = world;
    this.#pauseMs = pauseMs;
  }

  /** Looks for events that nobody has taken; safe to call at any time. */
  wake(): void {
    for (const [id, { account, event }] of this.#world.waiting) {
      if (this.#underWay.size >= AT_ONCE || this.#stopping.signal.aborted) return;
      const receiver = this.#world.accounts.get(account);
      if (this.#underWay.has(id) || !receiver?.webhookUrl) continue;
      this.#underWay.add(id);
      void this.#deliver(receiver, event).finally(() => {
        this.#underWay.delete(id);
        this.wake();
      });
    }
  }

  /** Front checks an address when it is saved: it must echo the challenge of a signed `sync` event. */
  async challenge(account: Account): Promise<boolean> {
    const challenge = this.#world.newId('challenge');
    const body = JSON.stringify({ type: 'sync', authorization: { id: account.id } });
    const { status, text } = await this.#post(account, body, { 'x-front-challenge': challenge });
    return status === 200 && text.includes(challenge);
  }

  statistics(): DeliveryStatistics {
    return { ...this.#count, waiting: this.#world.waiting.size };
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #deliver(account: Account, event: FrontEvent): Promise<void> {
    const { id } = event.payload;
    const { duplicatePercent = 0, reorderMs = 0 } = account.settings;
    if (reorderMs > 0) await pause(chance(`wait ${id}`) * reorderMs, this.#stopping.signal);
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt += 1) {
      if (await this.#isTaken(account, event)) {
        this.#count.taken += 1;
        if (chance(`again ${id}`) * 100 < duplicatePercent) await this.#isTaken(account, event);
        return this.#close(event);
      }
      this.#count.refused += 1;
      if (attempt >= TRIES && !account.settings.repeatUntilTaken) return this.#close(event); // given up, as Front does
      await pause(this.#pauseMs(attempt), this.#stopping.signal);
    }
  }

  #close(event: FrontEvent): void {
    this.#world.record({ type: 'closed', event: event.payload.id });
  }

  /** A refused connection and a time-out count as refusals: the vendor cannot tell them apart. */
  async #isTaken(account: Account, event: FrontEvent): Promise<boolean> {
    this.#count.sent += 1;
    const answer = await this.#post(account, JSON.stringify(event)).catch(() => null);
    const isTaken = answer !== null && answer.status >= 200 && answer.status < 300;
    if (isTaken) this.#world.record({ type: 'taken', account: account.id, event: event.payload.id, atMs: Date.now() });
    return isTaken;
  }

  async #post(account: Account, body: string, headers: Readonly<Record<string, string>> = {}) {
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', account.signingKey).update(`${timestamp}:${body}`).digest('base64');
    const answer = await request(account.webhookUrl!, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-front-request-timestamp': timestamp,
        'x-front-signature': signature,
        ...headers,
      },
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
