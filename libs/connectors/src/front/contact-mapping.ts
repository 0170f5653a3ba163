import { incomplete, malformed, mapped, reader, wanted, type Mapped, type Reader } from '@tributary/connector-kit';

const FIELDS = ['name', 'description', 'handles', 'links', 'lists', 'is_private'];

export function toContact(payload: unknown): Mapped {
  const read = reader(payload);
  const externalId = read.string('id');
  if (!externalId) return malformed('contact without id');
  if (!read.has(...FIELDS)) return incomplete(wanted('contact', externalId));

  return mapped({
    kind: 'contact',
    externalId,
    sourceVersion: 0,
    content: {
      name: read.string('name'),
      description: read.string('description'),
      avatarUrl: read.string('avatar_url'),
      handles: read.children('handles').flatMap(toHandle),
      lists: read.children('lists').flatMap((list) => list.string('name') ?? []),
      links: read.strings('links'),
    },
    visibility: read.boolean('is_private') ? 'private' : 'public',
    customFields: read.object('custom_fields'),
    relations: [],
    occurredAt: null,
  });
}

function toHandle(read: Reader): { handle: string; source: string }[] {
  const handle = read.string('handle');
  return handle ? [{ handle, source: read.string('source') ?? 'custom' }] : [];
}
