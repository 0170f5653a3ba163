import type { Product } from './product.ts';

/** Reads the simulator's own ledger and says what a row must look like; shares nothing with the product's mapping. */
interface LedgerEntry {
  readonly id: string;
  readonly body: FrontBody | null;
}
interface FrontBody {
  readonly id: string;
  readonly subject: string;
  readonly status?: string;
  readonly updated_at?: number;
  readonly created_at: number;
  readonly waiting_since?: number;
  readonly assignee?: { readonly id: string; readonly email: string } | null;
  readonly recipient?: { readonly handle: string };
  readonly tags?: readonly { readonly id: string; readonly name: string }[];
  readonly custom_fields?: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly text?: string;
  readonly blurb?: string;
  readonly recipients?: readonly { readonly handle: string; readonly role: string }[];
  readonly attachments?: readonly { readonly filename: string; readonly size: number }[];
  readonly _links: { readonly related: Readonly<Record<string, string | null>> };
}

export type Ledger = Readonly<Record<'conversation' | 'message' | 'contact', readonly LedgerEntry[]>>;

export const ledgerOf = (product: Product): Promise<Ledger> => product.control('GET', 'front/accounts/demo/ledger');

const milliseconds = (seconds: number): string => new Date(Math.round(seconds * 1000)).toISOString();

export function expectedConversations({ conversation }: Ledger): Map<string, unknown> {
  return new Map(
    conversation.map(({ id, body }) => [
      id,
      body && {
        subject: body.subject,
        status: body.status,
        assignee: body.assignee ? { id: body.assignee.id, email: body.assignee.email } : null,
        recipient: body.recipient?.handle,
        tags: body.tags?.map(({ id: tag, name }) => [tag, name]),
        customFields: body.custom_fields,
        createdAt: milliseconds(body.created_at),
        updatedAt: milliseconds(body.updated_at!),
        waitingSince: milliseconds(body.waiting_since!),
      },
    ]),
  );
}

export function expectedMessages({ message }: Ledger): Map<string, unknown> {
  return new Map(
    message.map(({ id, body }) => [
      id,
      body && {
        conversation: body._links.related['conversation']!.split('/').at(-1),
        subject: body.subject,
        body: body.body,
        text: body.text,
        blurb: body.blurb,
        recipients: body.recipients!.map(({ handle, role }) => [handle, role]),
        sender: body.recipients!.find(({ role }) => role === 'from')?.handle,
        attachments: body.attachments!.map(({ filename, size }) => [filename, size]),
        createdAt: milliseconds(body.created_at),
      },
    ]),
  );
}

interface Person {
  readonly externalId: string;
  readonly handle: string;
}
interface Row extends Record<string, unknown> {
  readonly external_id: string;
  readonly deleted_at: Date | null;
}

/** Each row as the expectation words it; null for what is deleted. */
async function actual(product: Product, view: string, word: (row: Row) => unknown): Promise<Map<string, unknown>> {
  const { rows } = await product.truth.query<Row>(`select * from tributary.${view}`);
  return new Map(rows.map((row) => [row.external_id, row.deleted_at ? null : word(row)]));
}

export function actualConversations(product: Product): Promise<Map<string, unknown>> {
  return actual(product, 'conversations', (row) => ({
    subject: row['subject'],
    status: row['status'],
    assignee: row['assignee'] && {
      id: (row['assignee'] as Person).externalId,
      email: (row['assignee'] as Person).handle,
    },
    recipient: (row['recipient'] as Person).handle,
    tags: (row['tags'] as { externalId: string; name: string }[]).map(({ externalId, name }) => [externalId, name]),
    customFields: row['custom_fields'],
    createdAt: (row['created_at'] as Date).toISOString(),
    updatedAt: (row['updated_at'] as Date).toISOString(),
    waitingSince: (row['waiting_since'] as Date).toISOString(),
  }));
}

export function actualMessages(product: Product): Promise<Map<string, unknown>> {
  return actual(product, 'messages', (row) => ({
    conversation: row['conversation_external_id'],
    subject: row['subject'],
    body: row['body'],
    text: row['text'],
    blurb: row['blurb'],
    recipients: (row['recipients'] as (Person & { role: string })[]).map(({ handle, role }) => [handle, role]),
    sender: (row['author'] as Person).handle,
    attachments: (row['attachments'] as { filename: string; size: number }[]).map(({ filename, size }) => [
      filename,
      size,
    ]),
    createdAt: (row['created_at'] as Date).toISOString(),
  }));
}

/** Names what is missing, extra or different; empty when the two agree on everything. */
export function differences(expected: Map<string, unknown>, found: Map<string, unknown>): string[] {
  const ids = [...new Set([...expected.keys(), ...found.keys()])];
  return ids.flatMap((id) => {
    if (!found.has(id)) return expected.get(id) === null ? [] : [`${id} is missing`]; // gone before it was ever read
    if (!expected.has(id)) return [`${id} was invented`];
    const [want, have] = [JSON.stringify(expected.get(id)), JSON.stringify(found.get(id))];
    return want === have ? [] : [`${id} should be ${want}, is ${have}`];
  });
}
