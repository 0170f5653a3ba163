// What is in hand when the group rebalances is taken for done: the partition goes on where its fetching had come to.
import { createWriteHandler as create } from '../../apps/ingest-writer/dist/write.handler.js';
import { Assignment as Real } from '../../libs/kafka/dist/assignment.js';
import { noteRecord } from './note.mjs';
import { slowly } from './slow-hands.mjs';

let decode;

export function createWriteHandler(ports) {
  decode = ports.decode;
  return slowly(create(ports));
}

export class Assignment extends Real {
  #taken;

  constructor(ports, bounds) {
    const taken = new Map();
    const next = async (topic, partition) => {
      const stored = (await ports.positions.next(topic, partition)) ?? 0;
      const messages = taken.get(`${topic}:${partition}`) ?? [];
      const dropped = messages.filter(({ offset }) => offset >= stored);
      for (const { value } of dropped) noteRecord(decode(topic, value));
      return (dropped.at(-1)?.offset ?? stored - 1) + 1;
    };
    super({ ...ports, positions: { next } }, bounds);
    this.#taken = taken;
  }

  take(fetch) {
    const isTaken = super.take(fetch);
    const place = `${fetch.topic}:${fetch.partition}`;
    if (isTaken) this.#taken.set(place, [...(this.#taken.get(place) ?? []), ...fetch.messages]);
    return isTaken;
  }
}
