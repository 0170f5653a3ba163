import { differing, expectedOf, saidBy } from './front-words.ts';
import type { Evidence, Finding, Row } from './evidence.ts';
import { eventIdOf } from './invention-law.ts';
import { grouped, nameOf, objectKey, vendorObjects } from './index-of.ts';

type Check = (evidence: Evidence) => Finding[];

/** Every delivery that was answered with 2xx is on the raw topic, at least as often as it was answered. */
export const acceptedIsPresent: Check = ({ accounts, raws }) => {
  const bodies = raws
    .filter(({ event }) => event.door === 'webhook')
    .map((raw) => ({ raw, id: eventIdOf(raw.event.payload) }));
  return accounts.flatMap(({ organizationId, account, ledger }) => {
    const own = bodies.filter(({ raw }) => raw.event.organizationId === organizationId);
    const stored = grouped(own, ({ id }) => id);
    const taken = grouped(
      ledger.flatMap((entry) => (entry.type === 'taken' ? [entry.event] : [])),
      (id) => id,
    );
    return [...taken].flatMap(([id, times]): Finding[] => {
      const found = stored.get(id)?.length ?? 0;
      if (found >= times.length) return [];
      const says = `answered with 2xx ${times.length} times, on the raw topic ${found} times`;
      return [{ law: 'accepted is present', object: `event ${id}`, account, says }];
    });
  });
};

/** Field by field; an object that is gone has a row that says so, or none where nobody ever saw it. */
export const finalStateIsTheVendors: Check = (evidence) => {
  const rows = grouped(evidence.rows, (row) => objectKey(row.organizationId, row.kind, row.externalId));
  return [...vendorObjects(evidence)].flatMap(([key, { kind, id, account, states }]): Finding[] => {
    const fault = faultOf(rows.get(key) ?? [], kind, states.at(-1) ?? null);
    return fault ? [{ law: 'final state is the vendor’s', object: `${kind} ${id}`, account, says: fault }] : [];
  });
};

function faultOf(
  [row, ...more]: readonly Row[],
  kind: string,
  last: Readonly<Record<string, unknown>> | null,
): string | null {
  if (more.length > 0) return `one object at the vendor, ${more.length + 1} rows here`;
  if (last === null) return !row || row.operation === 'deleted' ? null : `gone at the vendor, ${row.operation} here`;
  if (!row) return 'missing';
  if (row.operation !== 'observed') return `there at the vendor, ${row.operation} here`;
  if (row.content === null) return 'there at the vendor, without content here';
  const wrong = differing(expectedOf(kind, last), saidBy(row));
  return wrong.length > 0 ? wrong.join('; ') : null;
}

export const orderKeysNeverGoBack: Check = ({ stepsBack, rows }) => {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return stepsBack.map(({ recordId, register, from, to }) => {
    const row = byId.get(recordId);
    const object = row ? nameOf(row) : recordId;
    return {
      law: 'order keys never go back',
      object,
      account: row?.account ?? '',
      says: `${register} went from ${from} to ${to}`,
    };
  });
};

/** What a consumer has stored as done stays done, whoever thinks that the partition is his. */
export const positionsNeverGoBack: Check = ({ positionsBack }) =>
  positionsBack.map(({ consumer, topic, partition, from, to }) => ({
    law: 'positions never go back',
    object: `${topic}:${partition}`,
    account: '',
    says: `the position of ${consumer} went from ${from} to ${to}`,
  }));

/** Nothing in a history is malformed, so nothing may be parked. */
export const noDeadLetterWithoutCause: Check = ({ dead }) =>
  dead.map(({ topic, partition, offset, reason }) => ({
    law: 'no dead letter without a cause in the record',
    object: `${topic}:${partition}:${offset}`,
    account: '',
    says: reason,
  }));

/** An account belongs to one organization; its rows, events and runs as well. */
export const noRowCrosses: Check = ({ accounts, raws, normalized, rows, contents, existences }) => {
  const law = 'no row crosses organizations';
  const ownerOf = new Map(accounts.map(({ account, organizationId }) => [account, organizationId]));
  const isForeign = (one: { account: string; organizationId: string }) =>
    ownerOf.get(one.account) !== one.organizationId;
  const ownerOfRow = new Map(rows.map(({ id, organizationId }) => [id, organizationId]));
  const runs = [...contents, ...existences].filter((run) => ownerOfRow.get(run.recordId) !== run.organizationId);
  return [
    ...rows.filter(isForeign).map(
      (row) =>
        ({
          law,
          object: nameOf(row),
          account: row.account,
          says: `its row belongs to ${row.organizationId}`,
        }) as const,
    ),
    ...normalized
      .filter(({ record }) => isForeign(record))
      .map(
        ({ record, topic, partition, offset }) =>
          ({
            law,
            object: nameOf(record),
            account: record.account,
            says: `${topic}:${partition}:${offset} belongs to ${record.organizationId}`,
          }) as const,
      ),
    ...raws
      .filter(({ event }) => isForeign(event))
      .map(
        ({ event, topic, partition, offset }) =>
          ({
            law,
            object: `${event.kind ?? 'event'} ${event.externalId ?? ''}`,
            account: event.account,
            says: `${topic}:${partition}:${offset} belongs to ${event.organizationId}`,
          }) as const,
      ),
    ...runs.map(
      (run) =>
        ({ law, object: run.recordId, account: '', says: `a version of it belongs to ${run.organizationId}` }) as const,
    ),
  ];
};

export const noSecretAppears: Check = ({ leaks }) =>
  leaks.map((place) => ({
    law: 'no secret appears',
    object: place,
    account: '',
    says: 'a planted secret stands there',
  }));
