import type { Person } from '@tributary/contracts';
import { incomplete, malformed, mapped, reader, wanted, type Mapped, type Reader } from '@tributary/connector-kit';

const CONVERSATION_FIELDS = [
  'status',
  'subject',
  'assignee',
  'recipient',
  'tags',
  'links',
  'is_private',
  'scheduled_reminders',
];
const MESSAGE_FIELDS = ['is_inbound', 'type', 'body', 'recipients', 'attachments', 'created_at'];

export function toConversation(payload: unknown): Mapped {
  const read = reader(payload);
  const externalId = read.string('id');
  if (!externalId) return malformed('conversation without id');
  const updatedAt = read.microseconds('updated_at');
  if (updatedAt === null || !read.has(...CONVERSATION_FIELDS)) return incomplete(wanted('conversation', externalId));

  return mapped({
    kind: 'conversation',
    externalId,
    sourceVersion: updatedAt,
    content: {
      subject: read.string('subject'),
      status: read.string('status'),
      assignee: toTeammate(read.child('assignee')),
      recipient: toRecipient(read.child('recipient')),
      tags: read.children('tags').flatMap(toTag),
      links: read.children('links').map((link) => ({
        name: link.string('name') ?? '',
        url: link.string('external_url') ?? '',
      })),
      reminders: read.children('scheduled_reminders').map((reminder) => ({
        createdAt: reminder.microseconds('created_at'),
        scheduledAt: reminder.microseconds('scheduled_at'),
      })),
      createdAt: read.microseconds('created_at'),
      updatedAt,
      waitingSince: read.microseconds('waiting_since'),
    },
    visibility: read.boolean('is_private') ? 'private' : 'public',
    customFields: read.object('custom_fields'),
    relations: contactsOf([read.child('recipient')]),
    occurredAt: updatedAt,
  });
}

export function toMessage(payload: unknown): Mapped {
  const read = reader(payload);
  const externalId = read.string('id');
  if (!externalId) return malformed('message without id');
  if (!read.has(...MESSAGE_FIELDS)) return incomplete(wanted('message', externalId));

  const conversationExternalId = lastSegment(read.child('_links')?.child('related')?.string('conversation') ?? null);
  const recipients = read.children('recipients');
  return mapped({
    kind: 'message',
    externalId,
    sourceVersion: 0,
    content: {
      conversationExternalId,
      type: read.string('type'),
      isInbound: read.boolean('is_inbound'),
      isDraft: read.string('draft_mode') !== null,
      errorType: read.string('error_type'),
      subject: read.string('subject'),
      body: read.string('body'),
      text: read.string('text'),
      blurb: read.string('blurb'),
      author: toTeammate(read.child('author')) ?? toRecipient(recipients.find(isSender) ?? null),
      recipients: recipients.map((person) => ({ ...toPerson(person), role: person.string('role') ?? 'to' })),
      attachments: read.children('attachments').map((file) => ({
        filename: file.string('filename'),
        url: file.string('url'),
        contentType: file.string('content_type'),
        size: wholeNumber(file.number('size')),
      })),
      createdAt: read.microseconds('created_at'),
    },
    visibility: 'public',
    customFields: {},
    relations: [...conversationOf(conversationExternalId), ...contactsOf(recipients)],
    occurredAt: read.microseconds('created_at'),
  });
}

/** Inbound mail has no author: its sender is the recipient with the role `from`. */
const isSender = (person: Reader): boolean => person.string('role') === 'from';

function toTag(tag: Reader): { externalId: string; name: string }[] {
  const externalId = tag.string('id');
  return externalId ? [{ externalId, name: tag.string('name') ?? '' }] : [];
}

function toTeammate(teammate: Reader | null): Person | null {
  const externalId = teammate?.string('id');
  if (!teammate || !externalId) return null;
  const name = [teammate.string('first_name'), teammate.string('last_name')].filter(Boolean).join(' ');
  return { externalId, handle: teammate.string('email'), name: name || teammate.string('username') };
}

function toRecipient(person: Reader | null): Person | null {
  return person ? toPerson(person) : null;
}

/** `_links.related.contact` is null for people whom Front knows only by their handle. */
function toPerson(person: Reader): Person {
  return { externalId: contactIdOf(person), handle: person.string('handle'), name: person.string('name') };
}

function contactIdOf(person: Reader): string | null {
  return lastSegment(person.child('_links')?.child('related')?.string('contact') ?? null);
}

function contactsOf(people: readonly (Reader | null)[]): { type: string; kind: string; externalId: string }[] {
  const ids = people.flatMap((person) => (person ? (contactIdOf(person) ?? []) : []));
  return [...new Set(ids)].map((externalId) => ({ type: 'participant', kind: 'contact', externalId }));
}

function conversationOf(externalId: string | null): { type: string; kind: string; externalId: string }[] {
  return externalId ? [{ type: 'part_of', kind: 'conversation', externalId }] : [];
}

function wholeNumber(value: number | null): number | null {
  return value !== null && Number.isSafeInteger(value) ? value : null;
}

/** Front links related objects by address; the id is the last part of the path. */
function lastSegment(url: string | null): string | null {
  return url?.split('?')[0]!.split('/').at(-1) || null;
}
