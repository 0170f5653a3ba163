import type { Evidence, Finding } from './evidence.ts';

const MOST = 6;
const at = (micros: number): string => (micros === 0 ? 'never' : new Date(micros / 1000).toISOString());

/** The last things that happened to the object of a finding: at the vendor, at the doors, after the mapping. */
export function storyOf({ accounts, raws, normalized }: Evidence, { object, account }: Finding): string[] {
  const id = object.split(' ')[1] ?? object;
  const ledger = accounts.find((one) => one.account === account)?.ledger ?? [];
  const states = ledger.flatMap((entry) =>
    entry.type === 'change' && entry.id === id
      ? [
          `vendor: ${entry.version.body ? 'shows' : 'gone'} from ${at(entry.version.atMs * 1000)}, updated_at ${String(entry.version.body?.['updated_at'])}`,
        ]
      : [],
  );
  const doors = raws
    .filter(({ event }) => event.account === account && (event.externalId === id || event.payload.includes(`"${id}"`)))
    .map(
      ({ event, topic, partition, offset }) =>
        `${event.door}: ${topic}:${partition}:${offset} status ${event.status}, sent ${at(event.readStamp)}, at least ${event.atLeast}`,
    );
  const mapped = normalized
    .filter(({ record }) => record.account === account && record.externalId === id)
    .map(
      ({ record, topic, partition, offset }) =>
        `${record.derived ? 'repair' : 'mapped'}: ${topic}:${partition}:${offset} ${record.operation}, version ${at(record.sourceVersion)}, read ${at(record.readStamp)}, from ${record.lineage.partition}:${record.lineage.offset}`,
    );
  return [states, doors, mapped].flatMap((lines) => lines.slice(-MOST));
}
