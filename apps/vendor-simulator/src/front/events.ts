import type { Body } from './world.ts';

/** Application webhook body. It carries ids and previews, never a whole object. */
export interface FrontEvent {
  readonly type: string;
  readonly authorization: { readonly id: string };
  readonly payload: {
    readonly _links: Body;
    readonly id: string;
    readonly type: string;
    readonly emitted_at: number;
    readonly conversation: Body;
    readonly source: Body;
    readonly target?: Body;
  };
}

/** Long names of application webhooks and the short names of the same events. */
const shortNames: Readonly<Record<string, string>> = {
  inbound_received: 'inbound',
  outbound_sent: 'outbound',
  conversation_archived: 'archive',
  conversation_reopened: 'reopen',
  conversation_deleted: 'trash',
  conversation_restored: 'restore',
  assignee_changed: 'assign',
  tag_added: 'tag',
  tag_removed: 'untag',
  new_comment_added: 'comment',
};

export interface Happening {
  readonly id: string;
  readonly account: string;
  readonly type: string;
  readonly atMs: number;
  readonly conversation: Body;
  readonly message?: Body;
}

export function toEvent({ id, account, type, atMs, conversation, message }: Happening): FrontEvent {
  return {
    type,
    authorization: { id: account },
    payload: {
      _links: { self: `https://${account}.api.frontapp.com/events/${id}` },
      id,
      type: shortNames[type] ?? type,
      emitted_at: atMs / 1000,
      conversation: { id: conversation['id'], _links: conversation['_links'], subject: conversation['subject'] },
      source: { _meta: { type: 'api' }, data: null },
      ...(message && { target: { _meta: { type: 'message' }, data: { id: message['id'], blurb: message['blurb'] } } }),
    },
  };
}
