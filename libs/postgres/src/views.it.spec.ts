import { useStack } from '@tributary/testing';
import { createPool, createReader, inTransaction, type Pool } from './index.ts';

const ACME = '11111111-1111-4111-8111-111111111111';
const CONVERSATION = '10000000-0000-5000-8000-000000000001';
const CONTACT = '10000000-0000-5000-8000-000000000002';
const MESSAGES = [
  '10000000-0000-5000-8000-000000000003',
  '10000000-0000-5000-8000-000000000004',
  '10000000-0000-5000-8000-000000000005',
] as const;
const AT = 1_735_689_600_123_457;

const stack = await useStack();
const database = await stack.newDatabase();
let writer: Pool;
let reader: Pool;

interface Inserted {
  readonly id: string;
  readonly kind: string;
  readonly externalId: string;
  readonly content: object;
  readonly relations?: readonly object[];
  readonly deletedAt?: string;
}

async function insert({ id, kind, externalId, content, relations = [], deletedAt }: Inserted): Promise<void> {
  await writer.query('select');
  await inTransaction(writer, [ACME], (client) =>
    client.query(
      `insert into tributary.record (id, organization_id, connection_id, vendor, account, kind, external_id, operation,
         existence_stamp, order_key, source_version, read_stamp, mapping_version, checksum, content, relations, deleted_at,
         observed_at, recorded_at, lineage_topic, lineage_partition, lineage_offset, lineage_index)
       values ($1, $2, $2, 'acme', 'a', $3, $4, $5, 1, '\\x01', 1, 1, 1, 'c', $6, $7, $8, now(), now(), 't', 0, 0, 0)`,
      [
        id,
        ACME,
        kind,
        externalId,
        deletedAt ? 'deleted' : 'observed',
        JSON.stringify(content),
        JSON.stringify(relations),
        deletedAt ?? null,
      ],
    ),
  );
}

beforeAll(async () => {
  writer = createPool(database.urlFor('tributary_writer'), { max: 1, applicationName: 'spec' });
  const admin = createPool(database.urlFor('tributary_admin'), { max: 1, applicationName: 'spec' });
  await inTransaction(admin, [ACME], (client) =>
    client.query("insert into tributary.organization (id, name) values ($1, 'spec')", [ACME]),
  );
  await admin.end();
  const role = `reader_of_views_${database.name}`;
  await createReader(database.ownerUrl, { organizationId: ACME, role, password: 'secret' });
  const url = Object.assign(new URL(database.ownerUrl), { username: role, password: 'secret' });
  reader = createPool(url.href, { max: 1, applicationName: 'spec' });

  await insert({
    id: CONVERSATION,
    kind: 'conversation',
    externalId: 'cnv_1',
    content: {
      subject: 'Hello',
      status: 'archived',
      createdAt: AT,
      updatedAt: AT + 1,
      tags: [{ externalId: 't', name: 'vip' }],
    },
  });
  await insert({
    id: CONTACT,
    kind: 'contact',
    externalId: 'crd_1',
    content: {
      name: null,
      handles: [
        { handle: '+100', source: 'phone' },
        { handle: 'jo@acme.example', source: 'email' },
      ],
    },
  });
  const relations = [
    { type: 'part_of', kind: 'conversation', externalId: 'cnv_1', id: CONVERSATION },
    { type: 'participant', kind: 'contact', externalId: 'crd_1', id: CONTACT },
  ];
  const author = { externalId: 'crd_1', handle: 'jo@acme.example', name: 'Jo' };
  await insert({
    id: MESSAGES[0],
    kind: 'message',
    externalId: 'msg_2',
    content: { text: 'second', createdAt: AT + 20, author: { externalId: 'tea_1' } },
    relations,
  });
  await insert({
    id: MESSAGES[1],
    kind: 'message',
    externalId: 'msg_1',
    content: { text: '', blurb: 'first', createdAt: AT + 10, author },
    relations,
  });
  await insert({
    id: MESSAGES[2],
    kind: 'message',
    externalId: 'msg_3',
    content: { text: 'gone', createdAt: AT + 5 },
    relations,
    deletedAt: '2026-01-01T00:00:00Z',
  });
});

afterAll(async () => {
  await writer.end();
  await reader.end();
});

const rowsOf = async (text: string) => (await reader.query(text)).rows;

describe('the views', () => {
  it('show a kind with its own columns, times to the microsecond', async () => {
    expect(
      await rowsOf(`select external_id, subject, status, tags -> 0 ->> 'name' as tag,
                    to_char(created_at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS.US') as created_at from tributary.conversations`),
    ).toEqual([
      {
        external_id: 'cnv_1',
        subject: 'Hello',
        status: 'archived',
        tag: 'vip',
        created_at: '2025-01-01 00:00:00.123457',
      },
    ]);
  });

  it('join a message to its conversation, and show what was deleted as deleted', async () => {
    expect(
      await rowsOf(
        'select external_id, conversation_id, deleted_at is null as alive from tributary.messages order by 1',
      ),
    ).toEqual([
      { external_id: 'msg_1', conversation_id: CONVERSATION, alive: true },
      { external_id: 'msg_2', conversation_id: CONVERSATION, alive: true },
      { external_id: 'msg_3', conversation_id: CONVERSATION, alive: false },
    ]);
  });

  it('give Apex chunks in the order of their time, the short text where there is no other, without the deleted', async () => {
    expect(
      await rowsOf('select uuid, document_uuid, position::int, content, author_uuid from apex.chunk order by position'),
    ).toEqual([
      { uuid: MESSAGES[1], document_uuid: CONVERSATION, position: 1, content: 'first', author_uuid: CONTACT },
      { uuid: MESSAGES[0], document_uuid: CONVERSATION, position: 2, content: 'second', author_uuid: null },
    ]);
  });

  it('give Apex documents and persons', async () => {
    expect(await rowsOf('select uuid, title, source from apex.document')).toEqual([
      { uuid: CONVERSATION, title: 'Hello', source: 'acme' },
    ]);
    expect(await rowsOf('select uuid, type, name, email from apex.entity')).toEqual([
      { uuid: CONTACT, type: 'person', name: '+100', email: 'jo@acme.example' },
    ]);
  });
});
