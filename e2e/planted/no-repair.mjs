// The writer says nothing when an event loses: the compacted topic keeps the loser.
import { createWriteHandler as create } from '../../apps/ingest-writer/dist/write.handler.js';

export const createWriteHandler = (ports) =>
  create({
    ...ports,
    send: (messages) => ports.send(messages.filter(({ topic }) => !topic.includes('.normalized.'))),
  });
