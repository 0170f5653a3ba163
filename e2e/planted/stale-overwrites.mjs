// Last write wins: whatever arrives is applied, with its own keys, however old it is.
import { merge as mergeInOrder } from '../../apps/ingest-writer/dist/merge.js';
import { noteRecord } from './note.mjs';

export * from '../../apps/ingest-writer/dist/merge.js';

const NO_CONTENT = Buffer.alloc(0);

export function merge(row, event) {
  if (!row) return mergeInOrder(row, event);
  const isStale = Buffer.compare(event.orderKey, row.orderKey) < 0 && event.orderKey.length > 0;
  if (isStale || event.existenceStamp < row.existenceStamp) noteRecord(event);
  const merged = mergeInOrder({ ...row, orderKey: NO_CONTENT, existenceStamp: 0 }, event);
  return event.orderKey.length > 0 ? merged : { ...merged, orderKey: row.orderKey };
}
