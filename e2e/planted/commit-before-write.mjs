// A batch counts as done at once; what it means is gathered and sent a little later. The offsets are committed meanwhile.
import { createTransformHandler as create } from '../../apps/transformer/dist/transform.handler.js';
import { note } from './note.mjs';
import { risksLeft, takeRisk } from './risk.mjs';

const GATHER_MS = 600;

let left = risksLeft();

/** What a dead process had not sent is lost where the next one begins above it. */
function noteLost({ topic, partition, messages }) {
  const isHere = (risk) => risk.topic === topic && risk.partition === partition;
  for (const { offset, objects, account } of left.filter(isHere)) {
    if (offset < messages[0].offset) for (const object of objects) note(object, account);
  }
  left = left.filter((risk) => !isHere(risk));
}

function objectsOf({ door, kind, externalId, payload }) {
  if (door !== 'webhook') return [`${kind} ${externalId}`];
  const { conversation, target } = JSON.parse(payload.toString()).payload ?? {};
  return [`conversation ${conversation?.id}`, `message ${target?.data?.id}`];
}

export const createTransformHandler = (ports) => {
  let endRisks = [];
  const send = async (messages) => {
    const ends = endRisks;
    setTimeout(() => ports.send(messages).then(() => ends.forEach((end) => end())), GATHER_MS);
    return [];
  };
  const transform = create({ ...ports, send });
  return (batch) => {
    noteLost(batch);
    endRisks = batch.messages.map(({ topic, partition, offset, value }) => {
      const event = ports.codec.decode(topic, value);
      return takeRisk({ topic, partition, offset, objects: objectsOf(event), account: event.account });
    });
    return transform(batch);
  };
};
