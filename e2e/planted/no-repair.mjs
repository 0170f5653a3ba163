// The writer says nothing when an event loses: the compacted topic keeps the loser.
import { createWriteHandler as create } from '../../apps/ingest-writer/dist/write.handler.js';
import { noteRecord } from './note.mjs';

export const createWriteHandler = (ports) =>
  create({
    ...ports,
    send(messages) {
      const isRepair = ({ topic }) => topic.includes('.normalized.');
      for (const { topic, value } of messages.filter(isRepair)) noteRecord(ports.decode(topic, value));
      return ports.send(messages.filter((message) => !isRepair(message)));
    },
  });
