import { contactBody, conversationBody, messageBody, tagBody, teammateBody } from './bodies.ts';
import { toEvent } from './events.ts';
import { personAt } from './prose.ts';
import type { Body, FrontKind, World } from './world.ts';

export const ACTIONS = ['create', 'update', 'trash', 'delete'] as const;
export type Action = (typeof ACTIONS)[number];

export const RESOURCES = ['message', 'conversation', 'contact'] as const;
export type Resource = (typeof RESOURCES)[number];

interface Change {
  readonly kind: FrontKind;
  readonly id: string;
  readonly body: Body | null;
}

const MESSAGES_PER_CONVERSATION = 5;

/** What people do in Front, with the events that Front sends for it; contacts send none. */
export class Changes {
  readonly #world: World;
  readonly #now: () => number;
  readonly #onEvent: () => void;

  constructor(world: World, now: () => number, onEvent: () => void) {
    this.#world = world;
    this.#now = now;
    this.#onEvent = onEvent;
  }

  /** Makes one change and returns the id of the changed object; null where there is nothing to change. */
  make(account: string, resource: Resource, action: Action): string | null {
    const id = this.#world.together(() => this.#change(account, resource, action));
    this.#onEvent();
    return id;
  }

  #change(account: string, resource: Resource, action: Action): string | null {
    switch (resource) {
      case 'message':
        return action === 'create' ? this.#receiveMessage(account) : this.#changeQuietly(account, 'message', action);
      case 'conversation':
        return action === 'create' ? this.#startConversation(account) : this.#changeConversation(account, action);
      case 'contact':
        return action === 'create' ? this.#addContact(account) : this.#changeQuietly(account, 'contact', action);
    }
  }

  #receiveMessage(account: string): string {
    const index = this.#world.count(account, 'message');
    const before = this.#conversationFor(account, index);
    const conversation = textOf(before, 'id');
    const atMs = after(before, this.#now());
    const changed = { ...before, status: 'unassigned', updated_at: atMs / 1000, waiting_since: atMs / 1000 };
    const id = this.#world.newId('msg');
    const subject = before['subject'];
    const message = messageBody(account, id, { index, atMs, conversation, subject, customer: customerOf(before) });
    this.#put(account, { kind: 'message', id, body: message });
    this.#put(account, { kind: 'conversation', id: conversation, body: changed });
    this.#announce(account, 'inbound_received', atMs, changed, message);
    return id;
  }

  #conversationFor(account: string, index: number): Body {
    const known = index % MESSAGES_PER_CONVERSATION ? this.#lastLiving(account, 'conversation') : null;
    return known ?? this.#openConversation(account, this.#now());
  }

  #startConversation(account: string): string {
    const atMs = this.#now();
    const conversation = this.#openConversation(account, atMs);
    this.#announce(account, 'conversation_moved', atMs, conversation);
    return textOf(conversation, 'id');
  }

  #openConversation(account: string, atMs: number): Body {
    const index = this.#world.count(account, 'conversation');
    const customer = { ...personAt(index), contactId: this.#addContact(account) };
    const id = this.#world.newId('cnv');
    const body = conversationBody(account, id, { index, atMs, customer });
    this.#put(account, { kind: 'conversation', id, body });
    return body;
  }

  #addContact(account: string): string {
    const id = this.#world.newId('crd');
    const body = contactBody(account, id, this.#world.count(account, 'contact'));
    this.#put(account, { kind: 'contact', id, body });
    return id;
  }

  #changeConversation(account: string, action: Exclude<Action, 'create'>): string | null {
    const before = this.#lastLiving(account, 'conversation');
    if (!before) return null;
    const id = textOf(before, 'id');
    const atMs = after(before, this.#now());
    const [type, patch] = action === 'update' ? nextStep(account, before, atMs) : TRASHED;
    const body = { ...before, ...patch, updated_at: atMs / 1000 };
    this.#put(account, { kind: 'conversation', id, body: action === 'delete' ? null : body });
    this.#announce(account, type, atMs, body);
    return id;
  }

  /** Front sends no event when a message or a contact is changed or removed. */
  #changeQuietly(account: string, kind: 'message' | 'contact', action: Exclude<Action, 'create'>): string | null {
    const before = this.#lastLiving(account, kind);
    if (!before) return null;
    const id = textOf(before, 'id');
    const atMs = this.#now();
    const patch = kind === 'contact' ? { description: `changed at ${atMs}` } : { blurb: `changed at ${atMs}` };
    this.#put(account, { kind, id, body: action === 'update' ? { ...before, ...patch } : null });
    return id;
  }

  /** Visible from now on, whatever version it carries: within a millisecond versions run ahead of the clock. */
  #put(account: string, { kind, id, body }: Change): void {
    this.#world.record({ type: 'change', account, kind, id, version: { atMs: this.#now(), body } });
  }

  #announce(account: string, type: string, atMs: number, conversation: Body, message?: Body): void {
    const id = this.#world.newId('evt');
    const event = toEvent({ id, account, type, atMs, conversation, ...(message && { message }) });
    this.#world.record({ type: 'event', account, event });
  }

  #lastLiving(account: string, kind: FrontKind): Body | null {
    const id = this.#world.ids(account, kind).findLast((candidate) => this.#world.latest(account, kind, candidate));
    return id ? this.#world.latest(account, kind, id) : null;
  }
}

const TRASHED = ['conversation_deleted', { status: 'deleted' }] as const;

/** Assign, tag, archive, reopen, one after the other. */
function nextStep(account: string, conversation: Body, atMs: number): readonly [string, Body] {
  if (!conversation['assignee']) {
    return ['assignee_changed', { status: 'assigned', assignee: teammateBody(account, 'tea_1') }];
  }
  if ((conversation['tags'] as unknown[]).length === 0) {
    return ['tag_added', { tags: [tagBody(account, 'tag_1', 'billing', atMs)] }];
  }
  return conversation['status'] === 'archived'
    ? ['conversation_reopened', { status: 'assigned' }]
    : ['conversation_archived', { status: 'archived' }];
}

/** Each change has a version of its own: two within a millisecond would look like one. */
function after(body: Body, nowMs: number): number {
  return Math.max(nowMs, Math.round(Number(body['updated_at']) * 1000) + 1);
}

function customerOf(conversation: Body): { name: string | null; handle: string; contactId: string | null } {
  const recipient = conversation['recipient'] as {
    name: string;
    handle: string;
    _links: { related: { contact: string } };
  };
  return {
    name: recipient.name,
    handle: recipient.handle,
    contactId: recipient._links.related.contact.split('/').at(-1)!,
  };
}

const textOf = (body: Body, field: string): string => String(body[field]);
