import { paragraphsAt, personAt, subjectAt } from './prose.ts';
import type { Body } from './world.ts';

/** Response bodies as Front's API reference lists them. Times are seconds with up to three decimals. */
const seconds = (ms: number): number => ms / 1000;

const host = (account: string): string => `https://${account}.api.frontapp.com`;

export function contactBody(account: string, id: string, index: number): Body {
  const person = personAt(index);
  return {
    _links: {
      self: `${host(account)}/contacts/${id}`,
      related: {
        notes: `${host(account)}/contacts/${id}/notes`,
        conversations: `${host(account)}/contacts/${id}/conversations`,
        owner: null,
      },
    },
    id,
    name: person.name,
    description: `Customer number ${index + 1}`,
    avatar_url: null,
    links: [],
    groups: [],
    lists: [],
    handles: [{ handle: person.handle, source: 'email' }],
    custom_fields: { plan: index % 2 ? 'annual' : 'monthly' },
    is_private: false,
  };
}

export function teammateBody(account: string, id: string): Body {
  return {
    _links: { self: `${host(account)}/teammates/${id}` },
    id,
    email: 'leela@company.example',
    username: 'leela',
    first_name: 'Leela',
    last_name: 'Support',
    is_admin: true,
    is_available: true,
    is_blocked: false,
    type: 'user',
    license_type: 'full',
    custom_fields: {},
  };
}

export function tagBody(account: string, id: string, name: string, atMs: number): Body {
  return {
    _links: { self: `${host(account)}/tags/${id}`, related: { owner: null, parent_tag: null } },
    id,
    name,
    description: null,
    highlight: null,
    is_private: false,
    is_visible_in_conversation_lists: true,
    created_at: seconds(atMs),
    updated_at: seconds(atMs),
  };
}

interface Recipient {
  readonly name: string | null;
  readonly handle: string;
  readonly contactId: string | null;
}

function recipientBody(account: string, { name, handle, contactId }: Recipient, role: string): Body {
  const contact = contactId && `${host(account)}/contacts/${contactId}`;
  return { _links: { related: { contact } }, name, handle, role };
}

export function conversationBody(
  account: string,
  id: string,
  options: { index: number; atMs: number; customer: Recipient },
): Body {
  const self = `${host(account)}/conversations/${id}`;
  return {
    _links: {
      self,
      related: {
        events: `${self}/events`,
        messages: `${self}/messages`,
        comments: `${self}/comments`,
        inboxes: `${self}/inboxes`,
      },
    },
    id,
    type: 'conversation',
    subject: subjectAt(options.index),
    status: 'unassigned',
    ticket_ids: [],
    assignee: null,
    recipient: recipientBody(account, options.customer, 'from'),
    tags: [],
    links: [],
    custom_fields: { priority: options.index % 3 ? 'normal' : 'high' },
    created_at: seconds(options.atMs),
    updated_at: seconds(options.atMs),
    waiting_since: seconds(options.atMs),
    is_private: false,
    scheduled_reminders: [],
    metadata: {},
  };
}

export function messageBody(
  account: string,
  id: string,
  options: { index: number; atMs: number; conversation: string; subject: unknown; customer: Recipient },
): Body {
  const { html, text } = paragraphsAt(options.index);
  return {
    _links: {
      self: `${host(account)}/messages/${id}`,
      related: {
        conversation: `${host(account)}/conversations/${options.conversation}`,
        message_replied_to: null,
        message_seen: `${host(account)}/messages/${id}/seen`,
      },
    },
    id,
    message_uid: `uid${id}`,
    type: 'email',
    is_inbound: true,
    draft_mode: null,
    error_type: null,
    version: `${id}-1`,
    created_at: seconds(options.atMs),
    subject: options.subject,
    blurb: text.slice(0, 80),
    author: null,
    recipients: [
      recipientBody(account, options.customer, 'from'),
      recipientBody(account, { name: null, handle: 'support@company.example', contactId: null }, 'to'),
    ],
    body: html,
    text,
    attachments: options.index % 5 ? [] : [attachmentBody(account, id, options.index)],
    signature: null,
    metadata: {},
  };
}

function attachmentBody(account: string, message: string, index: number): Body {
  const id = `fil_${message.slice(4)}`;
  return {
    id,
    filename: `screenshot-${index}.png`,
    url: `${host(account)}/messages/${message}/download/${id}`,
    content_type: 'image/png',
    size: 2048 + index,
    metadata: { is_inline: false },
  };
}
