import type { Body, Relation } from './evidence.ts';

/** What a row must say about a body of the vendor: read from the vendor's documents, not from the product's mapping. */
type Fields = Readonly<Record<string, unknown>>;

const micros = (seconds: unknown): number | null => (typeof seconds === 'number' ? Math.round(seconds * 1e6) : null);
const bodies = (value: unknown): readonly Body[] => (Array.isArray(value) ? (value as Body[]) : []);
const related = (body: Body, name: string): string | null => {
  const links = body['_links'] as { related?: Record<string, string | null> } | undefined;
  return links?.related?.[name]?.split('/').at(-1) ?? null;
};
const person = (body: Body) => ({ externalId: related(body, 'contact'), handle: body['handle'], name: body['name'] });
const teammate = (body: Body | null | undefined) =>
  body
    ? {
        externalId: body['id'],
        handle: body['email'],
        name: `${String(body['first_name'])} ${String(body['last_name'])}`,
      }
    : null;

function conversation(body: Body): Fields {
  return {
    subject: body['subject'],
    status: body['status'],
    assignee: teammate(body['assignee'] as Body | null),
    recipient: person(body['recipient'] as Body),
    tags: bodies(body['tags']).map(({ id, name }) => ({ externalId: id, name })),
    links: [],
    reminders: [],
    createdAt: micros(body['created_at']),
    updatedAt: micros(body['updated_at']),
    waitingSince: micros(body['waiting_since']),
    customFields: body['custom_fields'],
  };
}

function message(body: Body): Fields {
  const recipients = bodies(body['recipients']);
  const sender = recipients.find(({ role }) => role === 'from');
  return {
    conversationExternalId: related(body, 'conversation'),
    type: body['type'],
    isInbound: body['is_inbound'],
    isDraft: body['draft_mode'] !== null,
    errorType: body['error_type'],
    subject: body['subject'],
    body: body['body'],
    text: body['text'],
    blurb: body['blurb'],
    author: sender ? person(sender) : null,
    recipients: recipients.map((one) => ({ ...person(one), role: one['role'] })),
    attachments: bodies(body['attachments']).map((file) => ({
      filename: file['filename'],
      url: file['url'],
      contentType: file['content_type'],
      size: file['size'],
    })),
    createdAt: micros(body['created_at']),
    customFields: {},
  };
}

export function expectedOf(kind: string, body: Body): Fields {
  return {
    ...(kind === 'conversation' ? conversation(body) : message(body)),
    visibility: body['is_private'] === true ? 'private' : 'public',
    partOf: kind === 'message' ? [`conversation ${related(body, 'conversation')}`] : [],
  };
}

interface Said {
  readonly content: Fields | null;
  readonly customFields: unknown;
  readonly visibility: string;
  readonly relations: readonly Relation[];
}

/** The same words, of what is stored. */
export const saidBy = ({ content, customFields, visibility, relations }: Said): Fields => ({
  ...content,
  customFields,
  visibility,
  partOf: relations.filter(({ type }) => type === 'part_of').map(({ kind, externalId }) => `${kind} ${externalId}`),
});

/** One text for equal values, whatever the order of their keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The fields in which the two differ, with both values. */
export function differing(expected: Fields, found: Fields): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return names
    .filter((name) => canonical(expected[name]) !== canonical(found[name]))
    .map((name) => `${name} should be ${JSON.stringify(expected[name])}, is ${JSON.stringify(found[name])}`);
}
