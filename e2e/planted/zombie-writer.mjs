// The writer does not compare the stored position under its lock: who was taken for dead writes once more what another has written.
import { createWriteHandler as create } from '../../apps/ingest-writer/dist/write.handler.js';
import { lockPosition as lock, storePosition as store } from '../../libs/postgres/dist/positions.js';
import { note } from './note.mjs';
import { slowly } from './slow-hands.mjs';

export * from '../../libs/postgres/dist/positions.js';

export const createWriteHandler = (ports) => slowly(create(ports));

const stored = new WeakMap();

export async function lockPosition(sql, key) {
  stored.set(sql, await lock(sql, key));
  return 0;
}

export function storePosition(sql, key, next) {
  if (next < stored.get(sql)) note(`${key.topic}:${key.partition}`);
  return store(sql, key, next);
}
