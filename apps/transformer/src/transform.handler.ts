import { randomUUID } from 'node:crypto';
import type { Connector, Wanted } from '@tributary/connector-kit';
import {
  cloudEventHeaders,
  dead,
  done,
  filtered,
  type Accounting,
  type Command,
  type NormalizedRecord,
  type Outcome,
  type RawEvent,
  type RawOutcome,
  type RawRef,
  type TopicNames,
} from '@tributary/contracts';
import type { Batch, BatchHandler, Codec, Message, OutgoingMessage, Producer } from '@tributary/kafka';
import { startSpan } from '@tributary/telemetry';
import { interpret, type Interpretation } from './interpret.ts';

export interface TransformPorts {
  connectorOf(vendor: string): Connector | undefined;
  readonly codec: Codec;
  readonly names: TopicNames;
  readonly send: Producer['send'];
  nowMicros(): number;
}

interface Judged {
  readonly source: RawRef;
  readonly event: RawEvent | null;
  readonly verdict: Interpretation;
}

/** raw → normalized and commands. All that a batch means leaves in one send; the outcomes count once it is durable. */
export function createTransformHandler(ports: TransformPorts): BatchHandler {
  return async function transform(batch: Batch): Promise<readonly Outcome[]> {
    const judged = batch.messages.map((message) => judge(message, ports));
    const span = startSpan('transform', {
      kind: 'consumer',
      links: judged.flatMap(({ event }) => event?.traceparent ?? []),
    });
    const messages = judged.flatMap((one) => outgoing(one, ports));
    await ports.send([...messages, accountFor(batch, judged, ports)]).finally(() => span.end());
    return judged.map(({ verdict }) => toOutcome(verdict));
  };
}

function judge(message: Message, { codec, connectorOf }: TransformPorts): Judged {
  const { topic, partition, offset } = message;
  const source = { topic, partition, offset };
  const event = decode(message, codec);
  if (!event) return { source, event, verdict: { kind: 'dead', reason: 'not a raw event of a known schema' } };
  const connector = connectorOf(event.vendor);
  if (!connector)
    return { source, event, verdict: { kind: 'dead', reason: `no connector for vendor ${event.vendor}` } };
  return { source, event, verdict: interpret(event, source, connector) };
}

function decode({ topic, value }: Message, codec: Codec): RawEvent | null {
  try {
    return value && codec.decode<RawEvent>(topic, value);
  } catch {
    return null;
  }
}

function outgoing({ source, event, verdict }: Judged, ports: TransformPorts): OutgoingMessage[] {
  if (!event) return [];
  switch (verdict.kind) {
    case 'records':
      return verdict.records.map((record) => recordMessage(record, event.traceparent, ports));
    case 'fetch':
      return verdict.wanted.map((wanted) => commandMessage(wanted, event, source, ports));
    case 'filtered':
    case 'dead':
      return [];
  }
}

function recordMessage(
  record: NormalizedRecord,
  traceparent: string,
  { codec, names }: TransformPorts,
): OutgoingMessage {
  const topic = names.normalized(record.kind);
  return { topic, key: record.id, value: codec.encode(topic, record), headers: cloudEventHeaders(record, traceparent) };
}

function commandMessage(wanted: Wanted, event: RawEvent, source: RawRef, ports: TransformPorts): OutgoingMessage {
  const topic = ports.names.commands(event.vendor);
  const command: Command = {
    commandId: randomUUID(),
    type: 'fetch',
    organizationId: event.organizationId,
    connectionId: event.connectionId,
    vendor: event.vendor,
    account: event.account,
    kind: wanted.kind,
    externalId: wanted.externalId,
    expectation: wanted.expectation,
    lane: event.lane,
    askedBy: [source],
    requestedAt: ports.nowMicros(),
    traceparent: event.traceparent,
  };
  return { topic, key: event.account, value: ports.codec.encode(topic, command) };
}

function accountFor(batch: Batch, judged: readonly Judged[], { codec, names }: TransformPorts): OutgoingMessage {
  const accounting: Accounting = {
    rawTopic: batch.topic,
    partition: batch.partition,
    outcomes: judged.map(({ source, verdict }) => ({ offset: source.offset, ...rawOutcome(verdict) })),
  };
  const key = `${batch.topic}:${batch.partition}`;
  return { topic: names.accounting, key, value: codec.encode(names.accounting, accounting) };
}

function rawOutcome(verdict: Interpretation): { outcome: RawOutcome; detail: string } {
  switch (verdict.kind) {
    case 'records':
      return { outcome: 'mapped', detail: String(verdict.records.length) };
    case 'fetch':
      return { outcome: 'fetch', detail: String(verdict.wanted.length) };
    case 'filtered':
      return { outcome: 'filtered', detail: verdict.rule };
    case 'dead':
      return { outcome: 'dead', detail: verdict.reason };
  }
}

function toOutcome(verdict: Interpretation): Outcome {
  switch (verdict.kind) {
    case 'records':
    case 'fetch':
      return done();
    case 'filtered':
      return filtered(verdict.rule);
    case 'dead':
      return dead(verdict.reason);
  }
}
