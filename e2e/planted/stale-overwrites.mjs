// Last write wins: the version of what is written is the time of its arrival.
import { createWriteHandler as create } from '../../apps/ingest-writer/dist/write.handler.js';

let arrivals = Date.now() * 1000;

export const createWriteHandler = (ports) =>
  create({
    ...ports,
    decode(topic, value) {
      const record = ports.decode(topic, value);
      if (record.orderKey.length === 0 || record.derived) return record;
      const orderKey = Buffer.from(record.orderKey);
      orderKey.writeBigUInt64BE(BigInt(++arrivals), 0);
      return { ...record, orderKey, sourceVersion: arrivals };
    },
  });
