import type { Evidence, Finding, Normalized } from './evidence.ts';
import { canonical } from './front-words.ts';
import { grouped, nameOf } from './index-of.ts';

const law = 'history is the sequence of versions';

/** A version says what was observed under its checksum; within a mapping version a checksum stands for one content, and a content for one checksum. */
export function versionsSayWhatWasObserved({ normalized, contents, rows }: Evidence): Finding[] {
  const seen = normalized.map(({ record }) => record).filter(({ orderKey }) => orderKey.length > 0);
  const observed = new Map(seen.map((record) => [labelOf(record.id, record.mappingVersion, record.checksum), record]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const strange = contents.flatMap((run): Finding[] => {
    const record = observed.get(labelOf(run.recordId, run.mappingVersion, run.label));
    if (!record || canonical([run.content, run.customFields]) === canonical(fieldsOf(record))) return [];
    const row = byId.get(run.recordId);
    const says = `the version ${run.label} at ${run.stamps[0]} says other than what was observed`;
    return [{ law, object: row ? nameOf(row) : run.recordId, account: row?.account ?? '', says }];
  });
  return [...strange, ...checksumFaults(seen)];
}

function checksumFaults(seen: readonly Record[]): Finding[] {
  const ofOneMapping = [...grouped(seen, ({ id, mappingVersion }) => `${id} v${mappingVersion}`).values()];
  return ofOneMapping.flatMap((records): Finding[] => {
    const [first] = records;
    const checksums = new Set(records.map(({ checksum }) => checksum)).size;
    const contents = new Set(records.map(wordsOf)).size;
    const pairs = new Set(records.map((record) => `${record.checksum} ${wordsOf(record)}`)).size;
    if (pairs === checksums && pairs === contents) return [];
    const says = `${checksums} checksums for ${contents} contents, in ${pairs} pairs`;
    return [{ law, object: nameOf(first!), account: first!.account, says }];
  });
}

type Record = Normalized['record'];
const labelOf = (id: string, mappingVersion: number, checksum: string): string =>
  `${id} v${mappingVersion} ${checksum}`;
const fieldsOf = ({ content, customFields }: Record) => [content, JSON.parse(customFields) as unknown];

/** All that a checksum is of. */
const wordsOf = (record: Record): string => canonical([...fieldsOf(record), record.visibility, record.relations]);
