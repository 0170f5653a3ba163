import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { Failure, type Outcome } from '@tributary/contracts';
import {
  createConsumer,
  type Assigned,
  type Batch,
  type Consumer,
  type ConsumerOptions,
  type KafkaClient,
} from '@tributary/kafka';
import { isObservable, lastValueFrom } from 'rxjs';
import { KAFKA_TRANSPORT } from './batch-handler.ts';

export interface ConsumerRoute extends Omit<ConsumerOptions, 'handle'> {
  /** The name that `@BatchHandler` uses; several consumers may share one handler. */
  readonly name: string;
  /** Told at every change of the partitions that this consumer owns. */
  onAssigned?(assigned: Assigned): void;
}

/** Nest's transport over libs/kafka: one consumer per route. The stock one has no usable commit control. */
export class KafkaStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = KAFKA_TRANSPORT;
  #consumers: readonly Consumer[] = [];
  readonly #handledBy = new Map<string, string[]>();

  constructor(
    private readonly kafka: KafkaClient,
    private readonly routes: readonly ConsumerRoute[],
  ) {
    super();
  }

  override addHandler(
    pattern: string,
    callback: MessageHandler,
    isEventHandler?: boolean,
    extras: Record<string, unknown> = {},
  ): void {
    const others = this.#handledBy.get(pattern) ?? [];
    this.#handledBy.set(pattern, [...others, String(extras['handledBy'] ?? 'unknown')]);
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Throws when a consumer has no handler, or two, or a handler has no consumer. */
  assertComplete(): void {
    const faults = this.routes.flatMap(({ name, topics }) => {
      const handlers = this.#handledBy.get(name) ?? [];
      if (handlers.length === 1) return [];
      return [
        `consumer '${name}' (${topics.join(', ')}) has ${handlers.length === 0 ? 'no handler' : `two handlers: ${handlers.join(' and ')}`}`,
      ];
    });
    for (const [name, handlers] of this.#handledBy) {
      if (!this.routes.some((route) => route.name === name))
        faults.push(`${handlers.join(' and ')} handles '${name}', which no consumer reads`);
    }
    if (faults.length > 0) throw new Failure('misconfigured', faults.join('; '));
  }

  override async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.assertComplete();
      this.#consumers = this.routes.map((route) => this.#createConsumer(route));
      await Promise.all(this.#consumers.map((consumer) => consumer.start()));
      callback();
    } catch (error) {
      callback(error);
    }
  }

  override async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
  }

  get healthy(): boolean {
    return this.#consumers.length === this.routes.length && this.#consumers.every(({ healthy }) => healthy);
  }

  override on(): never {
    throw new Error('KafkaStrategy has no events of its own: a route has onAssigned');
  }

  override unwrap<T>(): T {
    return this.#consumers as T;
  }

  #createConsumer({ name, onAssigned, ...options }: ConsumerRoute): Consumer {
    const consumer = createConsumer(this.kafka, { ...options, handle: (batch) => this.handle(name, batch) });
    if (onAssigned) consumer.onAssigned(onAssigned);
    return consumer;
  }

  async handle(name: string, batch: Batch): Promise<readonly Outcome[]> {
    const answer: unknown = await this.messageHandlers.get(name)!(batch);
    return (isObservable(answer) ? await lastValueFrom(answer) : answer) as readonly Outcome[];
  }
}
