import { incomplete, malformed, reader, unwanted, wanted, type Mapped, type Reader } from '@tributary/connector-kit';

/** What an event says about its conversation; every one of them moves `updated_at`. */
const conversationEvents: Readonly<Record<string, 'exists' | 'any'>> = {
  inbound_received: 'exists',
  outbound_sent: 'exists',
  message_delivery_failed: 'exists',
  conversation_moved: 'exists',
  conversation_archived: 'exists',
  conversation_reopened: 'exists',
  conversation_deleted: 'any', // in the trash it can still be read; once emptied it cannot
  conversation_restored: 'exists',
  conversation_snoozed: 'exists',
  conversation_snooze_expired: 'exists',
  assignee_changed: 'exists',
  tag_added: 'exists',
  tag_removed: 'exists',
  link_added: 'exists',
  link_removed: 'exists',
};

/** How far an event's time may run ahead of the version that it causes, in microseconds. */
const TOLERANCE = 1_000_000;

/** Front's events carry ids and previews: they say what to read, never what is true. */
export function toWanted(payload: unknown): Mapped {
  const event = reader(payload);
  const type = event.string('type');
  if (!type) return malformed('event without a type');

  const presence = conversationEvents[type];
  if (!presence) return unwanted(`event type ${type} is not mapped`);

  const body = event.child('payload');
  const conversationId = body?.child('conversation')?.string('id');
  if (!body || !conversationId) return malformed(`${type} without a conversation`);

  const emittedAt = body.microseconds('emitted_at');
  const version = emittedAt === null ? null : Math.max(0, emittedAt - TOLERANCE);
  const conversation = wanted('conversation', conversationId, { version, presence });
  const messageId = messageOf(body);
  return messageId
    ? incomplete(wanted('message', messageId, { presence: 'exists' }), conversation)
    : incomplete(conversation);
}

function messageOf(body: Reader): string | null {
  const target = body.child('target');
  return target?.child('_meta')?.string('type') === 'message' ? (target.child('data')?.string('id') ?? null) : null;
}
