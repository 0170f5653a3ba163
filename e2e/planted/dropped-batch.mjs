// What is in hand when the group rebalances is taken for done: the position moves to where the fetching had come.
import { createWriteHandler as create } from '../../apps/ingest-writer/dist/write.handler.js';
import { Assignment as Real } from '../../libs/kafka/dist/assignment.js';
import { storePosition } from '../../libs/postgres/dist/positions.js';
import { noteRecord } from './note.mjs';
import { slowly } from './slow-hands.mjs';

let writer;

export function createWriteHandler(ports) {
  writer = ports;
  return slowly(create(ports));
}

/** Where the partition goes on. */
async function passOver(messages, key) {
  for (const { topic, value } of messages) noteRecord(writer.decode(topic, value));
  const next = messages.at(-1).offset + 1;
  await storePosition(writer.pool, { consumer: writer.consumer, ...key }, next);
  return next;
}

export class Assignment extends Real {
  #taken;

  constructor(ports, bounds) {
    const taken = new Map();
    const next = async (topic, partition) => {
      const stored = await ports.positions.next(topic, partition);
      const messages = taken.get(`${topic}:${partition}`) ?? [];
      const inHand = messages.filter(({ offset }) => offset >= (stored ?? 0));
      return inHand.length > 0 ? passOver(inHand, { topic, partition }) : stored;
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
