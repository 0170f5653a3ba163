import type { Connector, KindDescription, Mapped, MappedRecord, Wanted } from '@tributary/connector-kit';
import {
  checksumOf,
  NO_CONTENT,
  orderKey,
  recordId,
  type NormalizedRecord,
  type Operation,
  type RawEvent,
  type RawRef,
  type RecordKind,
} from '@tributary/contracts';

/** What one raw event means. A pure function of the event and the mapping version. */
export type Interpretation =
  | { readonly kind: 'records'; readonly records: readonly NormalizedRecord[] }
  | { readonly kind: 'fetch'; readonly wanted: readonly Wanted[] }
  | { readonly kind: 'filtered'; readonly rule: string }
  | { readonly kind: 'dead'; readonly reason: string };

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

export function interpret(event: RawEvent, source: RawRef, connector: Connector): Interpretation {
  return event.door === 'webhook'
    ? interpretWebhook(event, source, connector)
    : interpretRead(event, source, connector);
}

function interpretWebhook(event: RawEvent, source: RawRef, connector: Connector): Interpretation {
  const body = parseJson(event.payload);
  if (!body) return { kind: 'dead', reason: 'body is not JSON' };

  const result = mapSafely(() => connector.webhook.map(body.value, event.headers));
  if (result.kind === 'incomplete') return { kind: 'fetch', wanted: result.wanted };
  return toInterpretation(result, event, source, connector);
}

function interpretRead(event: RawEvent, source: RawRef, connector: Connector): Interpretation {
  const description = connector.kinds[event.kind as RecordKind];
  if (!description) return { kind: 'dead', reason: `${event.vendor} has no kind ${event.kind}` };

  const absence = absenceOf(event, description);
  if (absence) return { kind: 'records', records: [absentRecord(event, source, absence)] };
  if (!isSuccess(event.status)) return { kind: 'dead', reason: `a read answered with status ${event.status}` };

  const body = parseJson(event.payload);
  if (!body) return { kind: 'dead', reason: 'body is not JSON' };
  const result = mapSafely(() => description.map(body.value));
  // A read is all there is to know: asking again would go in circles.
  if (result.kind === 'incomplete')
    return { kind: 'dead', reason: `a read of ${event.kind} lacks fields that it needs` };
  return toInterpretation(result, event, source, connector);
}

function toInterpretation(
  result: Exclude<Mapped, { kind: 'incomplete' }>,
  event: RawEvent,
  source: RawRef,
  connector: Connector,
): Interpretation {
  switch (result.kind) {
    case 'filtered':
      return result;
    case 'malformed':
      return { kind: 'dead', reason: result.reason };
    case 'mapped':
      return {
        kind: 'records',
        records: result.records.map((record, index) =>
          presentRecord(record, connector.kinds[record.kind]!, event, { ...source, index }),
        ),
      };
  }
}

function absenceOf({ status }: RawEvent, { read }: KindDescription): Operation | null {
  if (read.deleted.includes(status)) return 'deleted';
  return read.notVisible.includes(status) ? 'not_visible' : null;
}

function presentRecord(
  record: MappedRecord,
  { mappingVersion }: KindDescription,
  event: RawEvent,
  lineage: NormalizedRecord['lineage'],
): NormalizedRecord {
  const { content, visibility, customFields, relations } = record;
  const key = {
    sourceVersion: Math.max(record.sourceVersion, event.atLeast ?? 0),
    readStamp: event.readStamp,
    mappingVersion,
    checksum: checksumOf({ content, visibility, customFields, relations }),
  };
  return {
    ...envelope(event, record.kind, record.externalId),
    operation: 'observed',
    ...key,
    orderKey: orderKey(key),
    content,
    visibility,
    customFields: JSON.stringify(customFields),
    relations: relations.map((relation) => ({ ...relation, id: recordId({ ...event, ...relation }) })),
    occurredAt: record.occurredAt,
    lineage,
  };
}

function absentRecord(event: RawEvent, source: RawRef, operation: Operation): NormalizedRecord {
  return {
    ...envelope(event, event.kind as RecordKind, event.externalId ?? ''),
    operation,
    sourceVersion: 0,
    readStamp: 0,
    mappingVersion: 0,
    checksum: '',
    orderKey: NO_CONTENT,
    content: null,
    visibility: 'public',
    customFields: '{}',
    relations: [],
    occurredAt: null,
    lineage: { ...source, index: 0 },
  };
}

function envelope(event: RawEvent, kind: RecordKind, externalId: string) {
  const { organizationId, connectionId, vendor, account, runId } = event;
  return {
    id: recordId({ organizationId, vendor, account, kind, externalId }),
    organizationId,
    connectionId,
    vendor,
    account,
    kind,
    externalId,
    existenceStamp: event.readStamp,
    observedAt: event.receivedAt,
    derived: false,
    runId,
  };
}

function parseJson(payload: Buffer): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(payload.toString('utf8')) };
  } catch {
    return null;
  }
}

/** A mapping is pure, so whatever it throws is the record's fault. */
function mapSafely(map: () => Mapped): Mapped {
  try {
    return map();
  } catch (error) {
    return {
      kind: 'malformed',
      reason: `the mapping failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
