import { randomUUID } from 'node:crypto';
import { Failure, type RawEvent, type TopicNames } from '@tributary/contracts';
import type { Codec, Producer } from '@tributary/kafka';
import type { VerifiedDelivery } from './verify-delivery.ts';

export interface AppendPorts {
  readonly producer: Pick<Producer, 'send'>;
  readonly names: TopicNames;
  /** Null until the schema ids were read from Postgres. */
  codec(): Codec | null;
}

export interface Reception {
  /** Microseconds. */
  readonly receivedAt: number;
  readonly traceparent: string;
}

/** Resolves once the bytes as received are durable. */
export type AppendDelivery = (delivery: VerifiedDelivery, reception: Reception) => Promise<void>;

export function createAppendDelivery({ producer, names, codec }: AppendPorts): AppendDelivery {
  return async function appendDelivery({ endpoint, deliveryId, headers, body }, { receivedAt, traceparent }) {
    const known = codec();
    if (!known) throw new Failure('unavailable', 'the schema ids are not known yet');
    const { organizationId, connectionId, vendor, account } = endpoint;
    const event: RawEvent = {
      eventId: randomUUID(),
      organizationId,
      connectionId,
      vendor,
      account,
      door: 'webhook',
      kind: null,
      externalId: null,
      receivedAt,
      readStamp: 0,
      atLeast: null,
      status: 0,
      lane: 'live',
      runId: null,
      askedBy: [],
      traceparent,
      headers,
      payload: body,
    };
    const topic = names.raw(vendor);
    await producer.send([{ topic, key: `${connectionId}:${deliveryId}`, value: known.encode(topic, event) }]);
  };
}
