import type { Evidence, Row } from './evidence.ts';

export const ORGANIZATION = 'organization-1';

const conversation = {
  id: 'cnv_1',
  subject: 'hello',
  status: 'assigned',
  assignee: null,
  recipient: { name: 'Ada', handle: 'ada@example.com', _links: { related: { contact: null } } },
  tags: [{ id: 'tag_1', name: 'billing' }],
  custom_fields: { priority: 'low' },
  created_at: 1,
  updated_at: 2.5,
  waiting_since: 1,
};

const content = {
  subject: 'hello',
  status: 'assigned',
  assignee: null,
  recipient: { externalId: null, handle: 'ada@example.com', name: 'Ada' },
  tags: [{ externalId: 'tag_1', name: 'billing' }],
  links: [],
  reminders: [],
  createdAt: 1_000_000,
  updatedAt: 2_500_000,
  waitingSince: 1_000_000,
};

const registers = {
  id: 'row-1',
  organizationId: ORGANIZATION,
  account: 'cmp_1',
  kind: 'conversation',
  externalId: 'cnv_1',
  operation: 'observed',
  existenceStamp: 100,
  orderKey: Buffer.from('01', 'hex'),
  checksum: 'aa',
  content,
  visibility: 'public',
  relations: [],
};

/** One conversation, one delivery, one read: the smallest history with nothing wrong. */
export function aHistory(): Evidence {
  const place = { partition: 0, offset: 0 };
  const run = { recordId: 'row-1', organizationId: ORGANIZATION, stamps: [100] };
  return {
    accounts: [
      {
        organizationId: ORGANIZATION,
        account: 'cmp_1',
        readLagMs: 0,
        ledger: [
          { type: 'change', kind: 'conversation', id: 'cnv_1', version: { atMs: 2, body: conversation } },
          { type: 'event', event: { payload: { id: 'evt_1' } } },
          { type: 'taken', event: 'evt_1' },
        ],
      },
    ],
    raws: [
      {
        ...place,
        topic: 'tributary.raw.front',
        event: {
          organizationId: ORGANIZATION,
          connectionId: 'connection-1',
          account: 'cmp_1',
          door: 'webhook',
          kind: null,
          externalId: null,
          readStamp: 0,
          atLeast: null,
          status: 0,
          payload: Buffer.from(JSON.stringify({ payload: { id: 'evt_1' } })),
        },
      },
    ],
    normalized: [
      {
        ...place,
        topic: 'tributary.normalized.conversation',
        key: 'row-1',
        record: {
          ...registers,
          sourceVersion: 2_500_000,
          readStamp: 100,
          mappingVersion: 1,
          customFields: '{"priority":"low"}',
          derived: false,
          lineage: { ...place, topic: 'tributary.raw.front' },
        },
      },
    ],
    tombstones: [],
    dead: [],
    rows: [{ ...registers, customFields: { priority: 'low' } }],
    contents: [
      {
        ...run,
        mappingVersion: 1,
        sourceVersion: 2_500_000,
        label: 'aa',
        content,
        customFields: { priority: 'low' },
      },
    ],
    existences: [{ ...run, mappingVersion: 0, sourceVersion: 0, label: 'observed' }],
    stepsBack: [],
    positionsBack: [],
    leaks: [],
  };
}

export function withRow(by: Partial<Row>): Evidence {
  const history = aHistory();
  return { ...history, rows: [{ ...history.rows[0]!, ...by }] };
}
