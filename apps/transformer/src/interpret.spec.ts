import { readFileSync } from 'node:fs';
import { connectorOf } from '@tributary/connectors';
import { orderKey, recordId, type RawEvent } from '@tributary/contracts';
import { rawEventOf } from '@tributary/testing';
import { interpret } from './interpret.ts';

const front = connectorOf('front')!;
const source = { topic: 'tributary.raw.front', partition: 2, offset: 41 };
const fixture = (name: string) =>
  readFileSync(new URL(`../../../libs/connectors/src/front/fixtures/${name}.json`, import.meta.url));

const read = (change: Partial<RawEvent> = {}): RawEvent =>
  rawEventOf({
    vendor: 'front',
    account: 'cmp_k30',
    door: 'fetch',
    kind: 'conversation',
    externalId: 'cnv_yo1kg5q',
    readStamp: 1_767_225_599_000_000,
    status: 200,
    payload: fixture('conversation'),
    ...change,
  });

const webhook = (payload: Buffer | string) => rawEventOf({ vendor: 'front', payload: Buffer.from(payload) });

describe('interpret', () => {
  it('makes one record of a complete read, with both registers at its stamp', () => {
    const verdict = interpret(read({}), source, front);
    if (verdict.kind !== 'records') throw new Error(verdict.kind);
    const [record] = verdict.records;
    expect(verdict.records).toHaveLength(1);
    expect(record).toMatchObject({
      id: recordId({ ...read(), kind: 'conversation', externalId: 'cnv_yo1kg5q' }),
      operation: 'observed',
      existenceStamp: 1_767_225_599_000_000,
      readStamp: 1_767_225_599_000_000,
      sourceVersion: 1_701_806_790_536_000,
      lineage: { ...source, index: 0 },
    });
    expect(record!.orderKey).toEqual(orderKey(record!));
  });

  it('orders the last repeat of a lagging read at the version that the row already has', () => {
    const verdict = interpret(read({ atLeast: 1_801_806_790_536_000 }), source, front);
    expect(verdict).toMatchObject({ records: [{ sourceVersion: 1_801_806_790_536_000 }] });
  });

  it.each([
    [404, 'deleted'],
    [301, 'deleted'],
    [403, 'not_visible'],
  ])('reads status %i as %s, without content', (status, operation) => {
    const verdict = interpret(read({ status, payload: Buffer.from('{}') }), source, front);
    expect(verdict).toMatchObject({ records: [{ operation, content: null, existenceStamp: 1_767_225_599_000_000 }] });
  });

  it('never makes a record of a webhook that carries ids and previews', () => {
    expect(interpret(webhook(fixture('inbound-received')), source, front)).toEqual({
      kind: 'fetch',
      wanted: [
        {
          kind: 'message',
          externalId: 'msg_1q15qmtq',
          expectation: { version: null, atLeast: null, presence: 'exists' },
        },
        {
          kind: 'conversation',
          externalId: 'cnv_yo1kg5q',
          expectation: { version: 1_767_225_598_842_000, atLeast: null, presence: 'exists' },
        },
      ],
    });
  });

  it('filters an event type that it does not map, by name', () => {
    const verdict = interpret(webhook('{"type":"moon_phase_changed","payload":{}}'), source, front);
    expect(verdict).toEqual({ kind: 'filtered', rule: 'event type moon_phase_changed is not mapped' });
  });

  it.each([
    ['broken JSON', webhook('{"type":')],
    ['an event without conversation', webhook('{"type":"tag_added","payload":{}}')],
    ['a read that lacks fields', read({ payload: Buffer.from('{"id":"cnv_1"}') })],
    ['a read of an unknown kind', read({ kind: 'starship' })],
    ['an answer that proves nothing', read({ status: 418 })],
  ])('is dead: %s', (_, event) => {
    expect(interpret(event, source, front).kind).toBe('dead');
  });
});
