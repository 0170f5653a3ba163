import { NO_CONTENT, orderKey, type NormalizedRecord, type Operation } from '@tributary/contracts';
import fc from 'fast-check';
import { doubtOf, merge, repairOf, rowOf, says, type Body, type Row } from './merge.ts';

interface Told {
  readonly stamp?: number;
  readonly version?: number;
  readonly text?: string;
  readonly mapping?: number;
  readonly operation?: Operation;
  readonly derived?: boolean;
  readonly connectionId?: string;
  readonly observedAt?: number;
}

function eventOf(told: Told): NormalizedRecord<'contact'> {
  const { stamp = 0, version = 0, text, mapping = 1, operation = 'observed', derived = false } = told;
  const checksum = text === undefined ? '' : Buffer.from(text.padEnd(16)).toString('hex');
  const key = { sourceVersion: version, readStamp: stamp, mappingVersion: mapping, checksum };
  return {
    ...key,
    id: 'r',
    organizationId: 'o',
    connectionId: told.connectionId ?? 'c',
    vendor: 'acme',
    account: 'a',
    kind: 'contact',
    externalId: 'x',
    operation,
    existenceStamp: stamp,
    orderKey: text === undefined ? NO_CONTENT : orderKey(key),
    content:
      text === undefined ? null : { name: text, description: null, avatarUrl: null, handles: [], lists: [], links: [] },
    visibility: 'public',
    customFields: '{}',
    relations: [],
    occurredAt: null,
    observedAt: told.observedAt ?? 0,
    derived,
    runId: null,
    lineage: { topic: 'raw', partition: 0, offset: stamp, index: 0 },
  };
}

const read = (stamp: number, version: number, text: string): Told => ({ stamp, version, text });
const webhook = (version: number, text: string): Told => ({ version, text });
const gone = (stamp: number, operation: Operation = 'deleted'): Told => ({ stamp, operation });

const rowAfter = (...told: readonly Told[]): Row =>
  told.map(eventOf).reduce<Row | undefined>(merge, undefined) ?? rowOf(eventOf({}));

/** What the two registers say; provenance is not compared. */
const stateOf = ({ orderKey: key, operation, existenceStamp, body }: Row) => ({
  key: key.toString('hex'),
  operation,
  existenceStamp,
  content: body?.content,
});

/** As events really are: one read has one stamp and one answer; a webhook has none. */
const history = fc
  .tuple(
    fc.uniqueArray(
      fc.record({
        stamp: fc.integer({ min: 1, max: 20 }),
        version: fc.integer({ min: 1, max: 4 }),
        text: fc.option(fc.constantFrom('A', 'B', 'C'), { nil: undefined }),
        gone: fc.constantFrom<Operation>('deleted', 'not_visible'),
      }),
      { selector: ({ stamp }) => stamp, maxLength: 8 },
    ),
    fc.array(fc.record({ version: fc.integer({ min: 1, max: 4 }), text: fc.constantFrom('A', 'B', 'C') }), {
      maxLength: 4,
    }),
  )
  .map(([reads, webhooks]): Told[] => [
    ...reads.map(({ stamp, version, text, gone: operation }): Told =>
      text === undefined ? { stamp, operation } : { stamp, version, text },
    ),
    ...webhooks,
  ]);

describe('merging', () => {
  it('gives the same registers for every order and any repetition of the same events', () => {
    const arrivals = history
      .filter((told) => told.length > 0)
      .chain((told) =>
        fc.tuple(fc.constant(told), fc.shuffledSubarray([...told, ...told], { minLength: told.length * 2 })),
      );
    fc.assert(
      fc.property(arrivals, ([told, shuffled]) => {
        expect(stateOf(rowAfter(...shuffled))).toEqual(stateOf(rowAfter(...told)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('says after a repair nothing new: the repaired event alone is the row', () => {
    fc.assert(
      fc.property(
        history.filter((told) => told.length > 0),
        (told) => {
          const row = rowAfter(...told);
          const repair = repairOf({ ...row, body: row.body as Body });
          expect(says(repair, row)).toBe(true);
          expect(merge(row, repair)).toEqual(row);
          expect(doubtOf(row, repair)).toBeUndefined();
        },
      ),
    );
  });

  it('keeps the content under a deletion, and the fence under a content that a webhook brings', () => {
    const row = rowAfter(read(5, 1, 'A'), gone(7), webhook(2, 'B'));
    expect(row).toMatchObject({ operation: 'deleted', existenceStamp: 7, body: { content: { name: 'B' } } });
  });

  it('opens the object again when a later read finds it', () => {
    expect(rowAfter(gone(7), read(8, 1, 'A'))).toMatchObject({ operation: 'observed', existenceStamp: 8 });
  });

  it('moves the key of an unchanged re-read and keeps everything else of the content', () => {
    const row = rowAfter({ ...read(5, 1, 'A'), observedAt: 100 }, { ...read(9, 1, 'A'), observedAt: 900 });
    expect(row).toMatchObject({ readStamp: 9, recordedAt: 100, body: { observedAt: 100, lineage: { offset: 5 } } });
  });

  it('leaves the row with the connection that last saw the object', () => {
    const byRead = { ...read(5, 1, 'A'), connectionId: 'first' };
    expect(rowAfter(byRead, { ...webhook(2, 'B'), connectionId: 'second' }).connectionId).toBe('first');
    expect(rowAfter(byRead, { ...read(6, 1, 'A'), connectionId: 'second' }).connectionId).toBe('second');
  });

  it('is not what the event says when the event lost, or knows only one of the registers', () => {
    const row = rowAfter(read(5, 2, 'B'));
    expect(says(eventOf(read(5, 2, 'B')), row)).toBe(true);
    expect(says(eventOf(read(3, 1, 'A')), merge(row, eventOf(read(3, 1, 'A'))))).toBe(false);
    expect(says(eventOf(webhook(3, 'C')), merge(row, eventOf(webhook(3, 'C'))))).toBe(false);
    expect(says(eventOf(gone(9)), merge(row, eventOf(gone(9))))).toBe(false);
  });
});

describe('asking the vendor again', () => {
  const doubt = (before: readonly Told[], told: Told) => doubtOf(rowAfter(...before), eventOf(told));

  it('happens once where a webhook and a read of one version disagree, in either order', () => {
    expect(doubt([read(5, 1, 'A')], webhook(1, 'B'))).toBe('differs');
    expect(doubt([webhook(1, 'B')], read(5, 1, 'A'))).toBe('differs');
    expect(doubt([webhook(1, 'B'), read(5, 1, 'A')], read(6, 1, 'A'))).toBeUndefined();
  });

  it('never happens between two reads of one version: the later one is right', () => {
    expect(doubt([read(5, 1, 'A')], read(6, 1, 'B'))).toBeUndefined();
    expect(doubt([read(6, 1, 'B')], read(5, 1, 'A'))).toBeUndefined();
  });

  it('happens where the later read shows the lower version, in either order', () => {
    expect(doubt([read(5, 2, 'B')], read(6, 1, 'A'))).toBe('older');
    expect(doubt([read(6, 1, 'A')], read(5, 2, 'B'))).toBe('older');
    expect(doubt([webhook(2, 'B')], read(6, 1, 'A'))).toBe('older');
    expect(doubt([read(5, 1, 'A')], read(6, 2, 'B'))).toBeUndefined();
  });

  it('knows the last read of a row even where that read lost its content', () => {
    expect(doubt([webhook(2, 'B'), read(7, 1, 'A')], read(5, 3, 'C'))).toBe('older');
  });

  it('does not happen for a webhook that is simply newer, or simply older, than the row', () => {
    expect(doubt([read(5, 1, 'A')], webhook(6, 'B'))).toBeUndefined();
    expect(doubt([read(5, 2, 'B')], webhook(1, 'A'))).toBeUndefined();
  });

  it('happens where a webhook brings a version that a read sent after it did not show, in either order', () => {
    expect(doubt([read(5, 1, 'A')], webhook(4, 'B'))).toBe('older');
    expect(doubt([webhook(4, 'B')], read(5, 1, 'A'))).toBe('older');
  });

  it.each(['deleted', 'not_visible'] as const)(
    'happens where a webhook shows what a read found %s, in either order',
    (operation) => {
      expect(doubt([read(5, 1, 'A'), gone(7, operation)], webhook(2, 'B'))).toBe('contradicts');
      expect(doubt([webhook(2, 'B')], gone(7, operation))).toBe('contradicts');
      expect(doubt([webhook(2, 'B'), gone(7, operation)], gone(8, operation))).toBeUndefined();
    },
  );

  it('does not happen for a vendor without versions, whose reads are ordered by their stamps', () => {
    expect(doubt([read(5, 0, 'A')], read(6, 0, 'B'))).toBeUndefined();
    expect(doubt([read(6, 0, 'A')], read(5, 0, 'B'))).toBeUndefined();
  });

  it('is never caused by a re-map or a repair', () => {
    expect(doubt([read(5, 1, 'A')], { ...webhook(1, 'B'), derived: true })).toBeUndefined();
    expect(doubt([gone(7)], { ...webhook(2, 'B'), derived: true })).toBeUndefined();
    expect(doubt([read(5, 2, 'B')], { ...read(6, 1, 'A'), derived: true })).toBeUndefined();
  });

  it('ends: answers that read the same state again raise no further doubt', () => {
    const told: Told[] = [read(5, 2, 'B'), webhook(2, 'C'), gone(6), webhook(3, 'D')];
    const atLeast = read(10, 3, 'D'); // the last repeat is ordered at the row's version
    expect(doubt([...told, atLeast], { ...atLeast, stamp: 11 })).toBeUndefined();
    expect(doubt([...told, gone(10)], gone(11))).toBeUndefined();
  });
});
