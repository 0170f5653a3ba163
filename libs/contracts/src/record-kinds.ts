import type { Schema } from 'avsc';
import { normalizedSchema } from './record.ts';

/** Times are microseconds. Words that vendors may extend are strings, never enums. */
export interface ConversationContent {
  readonly subject: string | null;
  readonly status: string | null;
  readonly assignee: Person | null;
  readonly recipient: Person | null;
  readonly tags: readonly { readonly externalId: string; readonly name: string }[];
  readonly links: readonly { readonly name: string; readonly url: string }[];
  readonly reminders: readonly { readonly createdAt: number | null; readonly scheduledAt: number | null }[];
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
  readonly waitingSince: number | null;
}

export interface MessageContent {
  readonly conversationExternalId: string | null;
  readonly type: string | null;
  readonly isInbound: boolean;
  readonly isDraft: boolean;
  readonly errorType: string | null;
  readonly subject: string | null;
  readonly body: string | null;
  readonly text: string | null;
  readonly blurb: string | null;
  readonly author: Person | null;
  readonly recipients: readonly (Person & { readonly role: string })[];
  readonly attachments: readonly {
    readonly filename: string | null;
    readonly url: string | null;
    readonly contentType: string | null;
    readonly size: number | null;
  }[];
  readonly createdAt: number | null;
}

export interface ContactContent {
  readonly name: string | null;
  readonly description: string | null;
  readonly avatarUrl: string | null;
  readonly handles: readonly { readonly handle: string; readonly source: string }[];
  readonly lists: readonly string[];
  readonly links: readonly string[];
}

/** Somebody as an object mentions them; `externalId` is null for people the vendor knows only by a handle. */
export interface Person {
  readonly externalId: string | null;
  readonly handle: string | null;
  readonly name: string | null;
}

interface Contents {
  conversation: ConversationContent;
  message: MessageContent;
  contact: ContactContent;
}

export type RecordKind = keyof Contents;
export type ContentOf<K extends RecordKind> = Contents[K];

const optional = (name: string, type: unknown = 'string') => ({ name, type: ['null', type], default: null });
const flag = (name: string) => ({ name, type: 'boolean', default: false });
const list = (name: string, items: unknown) => ({ name, type: { type: 'array', items }, default: [] });
const record = (name: string, fields: readonly object[]) => ({ type: 'record', name, fields });
const text = (name: string) => ({ name, type: 'string' });

const personFields = [optional('externalId'), optional('handle'), optional('name')];

const contentFields: Readonly<Record<RecordKind, readonly object[]>> = {
  conversation: [
    optional('subject'),
    optional('status'),
    optional('assignee', record('Person', personFields)),
    optional('recipient', 'Person'),
    list('tags', record('TagRef', [text('externalId'), text('name')])),
    list('links', record('Link', [text('name'), text('url')])),
    list('reminders', record('Reminder', [optional('createdAt', 'long'), optional('scheduledAt', 'long')])),
    optional('createdAt', 'long'),
    optional('updatedAt', 'long'),
    optional('waitingSince', 'long'),
  ],
  message: [
    optional('conversationExternalId'),
    optional('type'),
    flag('isInbound'),
    flag('isDraft'),
    optional('errorType'),
    optional('subject'),
    optional('body'),
    optional('text'),
    optional('blurb'),
    optional('author', record('Person', personFields)),
    list('recipients', record('Recipient', [...personFields, text('role')])),
    list(
      'attachments',
      record('Attachment', [optional('filename'), optional('url'), optional('contentType'), optional('size', 'long')]),
    ),
    optional('createdAt', 'long'),
  ],
  contact: [
    optional('name'),
    optional('description'),
    optional('avatarUrl'),
    list('handles', record('Handle', [text('handle'), text('source')])),
    list('lists', 'string'),
    list('links', 'string'),
  ],
};

export const RECORD_KINDS = Object.keys(contentFields) as readonly RecordKind[];

export const recordSchemas: Readonly<Record<RecordKind, Schema>> = {
  conversation: normalizedSchema('conversation', contentFields.conversation),
  message: normalizedSchema('message', contentFields.message),
  contact: normalizedSchema('contact', contentFields.contact),
};
