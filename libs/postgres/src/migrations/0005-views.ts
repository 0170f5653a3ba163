/** Times inside a content are microseconds. */
const time = (field: string): string =>
  `timestamptz 'epoch' + (content ->> '${field}')::bigint * interval '1 microsecond'`;
const text = (field: string): string => `content ->> '${field}'`;
const json = (field: string): string => `content -> '${field}'`;
const flag = (field: string): string => `(content ->> '${field}')::boolean`;

/** The record a relation points to. */
const related = (type: string, kind: string): string =>
  `(jsonb_path_query_first(relations, '$[*] ? (@.type == "${type}" && @.kind == "${kind}").id') #>> '{}')::uuid`;

const kindView = (view: string, kind: string, columns: Readonly<Record<string, string>>): string => `
  create view tributary.${view} with (security_invoker = true) as
  select id, organization_id, connection_id, vendor, external_id, source_version, occurred_at, recorded_at, deleted_at,
    operation, visibility,
    ${Object.entries(columns)
      .map(([name, expression]) => `${expression} as ${name}`)
      .join(',\n    ')},
    relations, custom_fields
  from tributary.record
  where kind = '${kind}';`;

const kindViews = [
  kindView('conversations', 'conversation', {
    subject: text('subject'),
    status: text('status'),
    assignee: json('assignee'),
    recipient: json('recipient'),
    tags: json('tags'),
    links: json('links'),
    reminders: json('reminders'),
    created_at: time('createdAt'),
    updated_at: time('updatedAt'),
    waiting_since: time('waitingSince'),
  }),
  kindView('messages', 'message', {
    conversation_id: related('part_of', 'conversation'),
    conversation_external_id: text('conversationExternalId'),
    type: text('type'),
    is_inbound: flag('isInbound'),
    is_draft: flag('isDraft'),
    error_type: text('errorType'),
    subject: text('subject'),
    body: text('body'),
    text: text('text'),
    blurb: text('blurb'),
    author: json('author'),
    recipients: json('recipients'),
    attachments: json('attachments'),
    created_at: time('createdAt'),
  }),
  kindView('contacts', 'contact', {
    name: text('name'),
    description: text('description'),
    avatar_url: text('avatarUrl'),
    handles: json('handles'),
    lists: json('lists'),
    links: json('links'),
  }),
];

export const views = {
  name: 'views of people and Apex',
  sql: `
    ${kindViews.join('')}

    -- A content holds from the vendor's version on, or from the read that first saw it, until the next one of its mapping.
    create view tributary.record_history with (security_invoker = true) as
    select *, lead(valid_from) over (partition by record_id, mapping_version order by source_version, first_stamp, checksum) as valid_to
    from (
      select *, case when source_version > 0 then timestamptz 'epoch' + source_version * interval '1 microsecond'
                     when first_stamp > 0 then timestamptz 'epoch' + first_stamp * interval '1 microsecond'
                     else observed_at end as valid_from
      from tributary.record_version
    ) as version;

    create schema apex;
    create view apex.document with (security_invoker = true) as
    select id as uuid, coalesce(subject, '') as title, vendor as source, coalesce(created_at, occurred_at) as created_at,
      coalesce(updated_at, occurred_at) as updated_at, recorded_at, organization_id, external_id, status
    from tributary.conversations
    where deleted_at is null;

    create view apex.chunk with (security_invoker = true) as
    select id as uuid, conversation_id as document_uuid,
      row_number() over (partition by conversation_id order by created_at, external_id) as position,
      coalesce(nullif(text, ''), blurb, '') as content,
      -- The author is a contact where one of the message's contacts is that person; a colleague is none.
      (select (relation ->> 'id')::uuid from jsonb_array_elements(relations) as relation
       where relation ->> 'kind' = 'contact' and relation ->> 'externalId' = author ->> 'externalId' limit 1) as author_uuid,
      created_at, recorded_at, vendor as source, organization_id, external_id
    from tributary.messages
    where deleted_at is null;

    create view apex.entity with (security_invoker = true) as
    select id as uuid, 'person'::text as type,
      coalesce(nullif(name, ''), jsonb_path_query_first(handles, '$[0].handle') #>> '{}') as name,
      jsonb_path_query_first(handles, '$[*] ? (@.source == "email").handle') #>> '{}' as email,
      vendor as source, recorded_at, organization_id, external_id
    from tributary.contacts
    where deleted_at is null;

    grant usage on schema apex to tributary_reader, tributary_admin;
    grant select on apex.document, apex.chunk, apex.entity to tributary_reader, tributary_admin;
    grant select on tributary.conversations, tributary.messages, tributary.contacts, tributary.record_history
      to tributary_reader, tributary_admin;`,
};
