// What a twin harms it writes down, in the checker's words, so that a finding can be told from a finding about something else.
import { appendFileSync } from 'node:fs';

const file = process.env.PLANTED_NOTES;
const noted = new Set();

export function note(object, account) {
  const line = JSON.stringify({ object, account });
  if (!file || noted.has(line)) return;
  noted.add(line);
  appendFileSync(file, `${line}\n`);
}

export const noteRecord = ({ kind, externalId, account }) => note(`${kind} ${externalId}`, account);

/** A webhook's event, and the conversation that it is about. */
export function noteDelivery(body, account) {
  const { id, conversation } = JSON.parse(body.toString()).payload ?? {};
  if (id) note(`event ${id}`, account);
  if (conversation) note(`conversation ${conversation.id}`, account);
}
