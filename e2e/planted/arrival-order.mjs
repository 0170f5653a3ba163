// Among equal versions whatever arrives last wins, whichever read was sent last.
import { merge as mergeInOrder } from '../../apps/ingest-writer/dist/merge.js';
import { noteRecord } from './note.mjs';

export * from '../../apps/ingest-writer/dist/merge.js';

export function merge(row, event) {
  const isTie = row?.orderKey.length && event.orderKey.length && row.sourceVersion === event.sourceVersion;
  if (!isTie || event.readStamp >= row.readStamp) return mergeInOrder(row, event);
  noteRecord(event);
  // A key of the same version that any read stamp beats.
  const lowest = Buffer.from(row.orderKey).fill(0, 8);
  return mergeInOrder({ ...row, orderKey: lowest, checksum: '' }, event);
}
