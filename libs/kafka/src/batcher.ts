import { Failure } from '@tributary/contracts';

export interface BatcherBounds {
  /** Waiting, all together. */
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly maxCallers: number;
  /** One request. */
  readonly requestItems: number;
  readonly requestBytes: number;
}

export interface BatcherPort<Item, Result> {
  sizeOf(item: Item): number;
  /** Results in the order of the items. */
  send(items: readonly Item[]): Promise<readonly Result[]>;
  /** True where sending the callers one by one may still succeed for the others. */
  isAtFault(error: unknown): boolean;
}

export interface Waiting {
  readonly items: number;
  readonly bytes: number;
  readonly callers: number;
}

interface Call<Item, Result> {
  readonly items: readonly Item[];
  readonly bytes: number;
  resolve(results: readonly Result[]): void;
  reject(error: unknown): void;
}

/** Self-clocked: one request in flight, all that arrived meanwhile is the next. No timer. */
export class Batcher<Item, Result> {
  #queue: Call<Item, Result>[] = [];
  #items = 0;
  #bytes = 0;
  #work: Promise<void> | null = null;

  constructor(
    private readonly port: BatcherPort<Item, Result>,
    private readonly bounds: BatcherBounds,
  ) {}

  get waiting(): Waiting {
    return { items: this.#items, bytes: this.#bytes, callers: this.#queue.length };
  }

  send(items: readonly Item[]): Promise<readonly Result[]> {
    if (items.length === 0) return Promise.resolve([]);
    const bytes = items.reduce((sum, item) => sum + this.port.sizeOf(item), 0);
    if (this.#isFull(items.length, bytes)) return Promise.reject(new Failure('overloaded', 'too much waits for Kafka'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ items, bytes, resolve, reject });
      this.#items += items.length;
      this.#bytes += bytes;
      this.#work ??= this.#drain();
    });
  }

  /** Resolves when nothing waits or travels. */
  async drained(): Promise<void> {
    while (this.#work) await this.#work;
  }

  /** An empty queue takes a call of any size: else a call above a bound could never be sent. */
  #isFull(items: number, bytes: number): boolean {
    const { maxItems, maxBytes, maxCallers } = this.bounds;
    if (this.#queue.length === 0) return false;
    return this.#queue.length >= maxCallers || this.#items + items > maxItems || this.#bytes + bytes > maxBytes;
  }

  async #drain(): Promise<void> {
    // Callers of the same tick travel together.
    await Promise.resolve();
    while (this.#queue.length > 0) await sendTogether(this.#nextCalls(), this.port);
    this.#work = null;
  }

  #nextCalls(): Call<Item, Result>[] {
    let count = 0;
    let items = 0;
    let bytes = 0;
    for (const call of this.#queue) {
      const isTooMuch =
        items + call.items.length > this.bounds.requestItems || bytes + call.bytes > this.bounds.requestBytes;
      if (count > 0 && isTooMuch) break;
      count += 1;
      items += call.items.length;
      bytes += call.bytes;
    }
    const calls = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    this.#items -= items;
    this.#bytes -= bytes;
    return calls;
  }
}

/** A message at fault must not fail its neighbours of other callers: they are then sent each alone. */
async function sendTogether<Item, Result>(
  calls: readonly Call<Item, Result>[],
  port: BatcherPort<Item, Result>,
): Promise<void> {
  try {
    const results = await port.send(calls.flatMap((call) => call.items));
    let from = 0;
    for (const call of calls) call.resolve(results.slice(from, (from += call.items.length)));
  } catch (error) {
    if (calls.length > 1 && port.isAtFault(error)) {
      for (const call of calls) await sendTogether([call], port);
    } else {
      for (const call of calls) call.reject(error);
    }
  }
}
