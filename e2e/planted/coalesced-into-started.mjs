// A command joins the read of its object that has started already, though that read may be too early to show what it asks for.
import { enqueue as enqueueAll } from '../../apps/poller/dist/work.repository.js';
import { noteRecord } from './note.mjs';

export * from '../../apps/poller/dist/work.repository.js';

const objectOf = ({ connectionId, kind, externalId }) => `${connectionId} ${kind} ${externalId}`;

export async function enqueue(sql, partition, commands) {
  const { rows } = await sql.query(
    `select connection_id as "connectionId", kind, external_id as "externalId" from tributary.work where state = 'started'`,
  );
  const underWay = new Set(rows.map(objectOf));
  const isJoining = (command) => underWay.has(objectOf(command));
  commands.filter(isJoining).forEach(noteRecord);
  const alone = commands.filter((command) => !isJoining(command));
  if (alone.length > 0) await enqueueAll(sql, partition, alone);
}
