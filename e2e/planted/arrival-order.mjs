// Among equal versions whatever arrives last wins: the read stamp is taken from the time of arrival.
import { createWriteHandler as create } from '../../apps/ingest-writer/dist/write.handler.js';

let arrivals = Date.now() * 1000;

export const createWriteHandler = (ports) =>
  create({
    ...ports,
    decode(topic, value) {
      const record = ports.decode(topic, value);
      if (record.orderKey.length === 0 || record.derived) return record;
      const orderKey = Buffer.from(record.orderKey);
      orderKey.writeBigUInt64BE(BigInt(++arrivals), 8);
      return { ...record, orderKey, readStamp: arrivals };
    },
  });
