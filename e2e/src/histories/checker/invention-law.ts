import type { Account, Evidence, Finding, Normalized, Raw } from './evidence.ts';
import { canonical, expectedOf, saidBy } from './front-words.ts';
import { nameOf, objectKey, vendorObjects, type VendorObject } from './index-of.ts';

const law = 'nothing invented';

/** Stamps are reserved ahead: after a crash they run before the clock, by as much for each crash. */
const STAMPS_AHEAD_MS = 10_000;

/** Every stored event was sent, every read shows a state that the object had, every record says what some state says. */
export function nothingInvented(evidence: Evidence): Finding[] {
  const objects = vendorObjects(evidence);
  return [
    ...inventedEvents(evidence),
    ...inventedReads(evidence.raws, objects),
    ...inventedContents(evidence.normalized, objects),
    ...evidence.normalized.flatMap((one) => inventedDeletion(one, objects)),
    ...evidence.rows
      .filter((row) => !objects.has(objectKey(row.organizationId, row.kind, row.externalId)))
      .map((row) => ({ law, object: nameOf(row), account: row.account, says: 'the vendor never had it' }) as const),
  ];
}

export const eventIdOf = (payload: Buffer): string =>
  (parsed(payload) as { payload?: { id?: string } } | null)?.payload?.id ?? '';

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return null;
  }
}

function inventedEvents({ accounts, raws }: Evidence): Finding[] {
  const sent = new Map(accounts.flatMap(eventsOf));
  return raws.flatMap(({ event, topic, partition, offset }): Finding[] => {
    if (event.door !== 'webhook') return [];
    const id = eventIdOf(event.payload);
    const original = sent.get(id);
    if (original === canonical(parsed(event.payload))) return [];
    const fault = original === undefined ? 'never sent' : 'sent otherwise';
    const says = `${fault}, but stored at ${topic}:${partition}:${offset}`;
    return [{ law, object: `event ${id}`, account: event.account, says }];
  });
}

const eventsOf = ({ ledger }: Account): [string, string][] =>
  ledger.flatMap((entry) => (entry.type === 'event' ? [[entry.event.payload.id, canonical(entry.event)]] : []));

type Objects = ReadonlyMap<string, VendorObject>;

/** What each object ever showed, in words of the caller's choice. */
function shownBy(objects: Objects, wordsOf: (kind: string, body: Readonly<Record<string, unknown>>) => unknown) {
  return new Map(
    [...objects].map(([key, { kind, states }]) => [
      key,
      new Set(states.flatMap((body) => (body ? [canonical(wordsOf(kind, body))] : []))),
    ]),
  );
}

function inventedReads(raws: readonly Raw[], objects: Objects): Finding[] {
  const shown = shownBy(objects, (_, body) => body);
  return raws.flatMap(({ event, topic, partition, offset }): Finding[] => {
    const { organizationId, account, kind, externalId, payload } = event;
    if (event.door === 'webhook' || event.status !== 200) return [];
    const object = { kind: kind ?? '', externalId: externalId ?? '' };
    const states = shown.get(objectKey(organizationId, object.kind, object.externalId));
    if (states?.has(canonical(parsed(payload)))) return [];
    const says = `the read at ${topic}:${partition}:${offset} shows a state that the object never had`;
    return [{ law, object: nameOf(object), account, says }];
  });
}

function inventedContents(normalized: readonly Normalized[], objects: Objects): Finding[] {
  const stated = shownBy(objects, expectedOf);
  return normalized.flatMap(({ record, topic, partition, offset }): Finding[] => {
    if (record.content === null) return [];
    const words = canonical(saidBy({ ...record, customFields: JSON.parse(record.customFields) as unknown }));
    if (stated.get(objectKey(record.organizationId, record.kind, record.externalId))?.has(words)) return [];
    const says = `${topic}:${partition}:${offset} shows a state that the object never had: ${words.slice(0, 300)}`;
    return [{ law, object: nameOf(record), account: record.account, says }];
  });
}

/** A vendor that lags answers 404 for an object that it does not show yet; one that does not lag never does. */
function inventedDeletion({ record, topic, partition, offset }: Normalized, objects: Objects): Finding[] {
  const object = objects.get(objectKey(record.organizationId, record.kind, record.externalId));
  if (record.operation !== 'deleted' || !object || object.states.includes(null)) return [];
  if (object.lags && record.existenceStamp / 1000 <= object.shownAtMs + STAMPS_AHEAD_MS) return [];
  const says = `${topic}:${partition}:${offset} says deleted, but it was never gone`;
  return [{ law, object: nameOf(record), account: record.account, says }];
}
