import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

/** What waits in one direction before its sender is stopped. */
const HELD_BYTES = 256 * 1024;

/** One connection through the proxy, and the one behind it. */
export class Link {
  readonly #sides: readonly Socket[];
  readonly #holdMs: () => number;
  #isForgotten = false;

  constructor(client: Socket, server: Socket, holdMs: () => number, onEnd: () => void) {
    this.#sides = [client, server];
    this.#holdMs = holdMs;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      from.pipe(this.#toward(to));
      from.on('error', () => undefined);
      from.on('close', (hadError) => {
        if (!this.#isForgotten && (hadError || !from.readableEnded)) to.resetAndDestroy();
        if (this.#sides.every(({ closed }) => closed)) onEnd();
      });
    }
  }

  /** As when a firewall loses its table: neither side hears of the other again, not even that it has gone. */
  forget(): void {
    this.#isForgotten = true;
  }

  get isForgotten(): boolean {
    return this.#isForgotten;
  }

  reset(): void {
    for (const side of this.#sides) side.resetAndDestroy();
  }

  /** What comes while a chunk is held leaves together after it: nothing overtakes, and a full hold stops the sender. */
  #toward(to: Socket): Writable {
    const pass = async (bytes: Buffer, done: (error?: Error | null) => void) => {
      const ms = this.#holdMs();
      if (ms > 0) await wait(ms, undefined, { ref: false });
      if (this.#isForgotten) done();
      else to.write(bytes, done);
    };
    const way = new Writable({
      highWaterMark: HELD_BYTES,
      write: (chunk: Buffer, _encoding, done) => void pass(chunk, done),
      writev: (chunks, done) => void pass(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
      final: (done) => void (this.#isForgotten ? done() : to.end(done)),
    });
    return way.on('error', () => this.reset());
  }
}
