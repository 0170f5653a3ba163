// A deleted row does not remember which read found it gone: any read that shows the object opens it again, even an older one.
import { merge as mergeInOrder } from '../../apps/ingest-writer/dist/merge.js';
import { noteRecord } from './note.mjs';

export * from '../../apps/ingest-writer/dist/merge.js';

export function merge(row, event) {
  if (row?.operation !== 'deleted' || event.operation === 'deleted') return mergeInOrder(row, event);
  if (event.existenceStamp < row.existenceStamp) noteRecord(event);
  return mergeInOrder({ ...row, existenceStamp: 0 }, event);
}
