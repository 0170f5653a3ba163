import { judge } from './judge.ts';
import type { Evidence } from './evidence.ts';
import { storyOf } from './story.ts';
import { aHistory, withRow } from './hand-made.ts';
import { assertSearchWorks, searchFor } from './canaries.ts';

const found = (evidence: Parameters<typeof judge>[0]) => judge(evidence).map(({ law, object }) => [law, object]);

describe('the judge', () => {
  it('finds nothing wrong with a right history', () => {
    expect(judge(aHistory())).toEqual([]);
  });

  it('names a wrong row, its field and both values', () => {
    const [finding] = judge(withRow({ content: { ...aHistory().rows[0]!.content, subject: 'other' } }));
    expect(finding).toMatchObject({ law: 'final state is the vendor’s', object: 'conversation cnv_1' });
    expect(finding?.says).toContain('subject should be "hello", is "other"');
  });

  it('names a row that others may see, or that is part of something else', () => {
    const [seen] = judge(withRow({ visibility: 'restricted' }));
    expect(seen?.says).toBe('visibility should be "public", is "restricted"');
    const [part] = judge(withRow({ relations: [{ type: 'part_of', kind: 'conversation', externalId: 'cnv_2' }] }));
    expect(part?.says).toBe('partOf should be [], is ["conversation cnv_2"]');
  });

  it('names a missing row', () => {
    expect(found({ ...aHistory(), rows: [] })).toContainEqual(['final state is the vendor’s', 'conversation cnv_1']);
  });

  it('names an extra row', () => {
    const { rows, ...rest } = aHistory();
    const extra = { ...rows[0]!, id: 'row-2', externalId: 'cnv_2' };
    expect(found({ ...rest, rows: [...rows, extra] })).toContainEqual(['nothing invented', 'conversation cnv_2']);
  });

  it('names a second row of one object', () => {
    const { rows, ...rest } = aHistory();
    const second = [...rows, { ...rows[0]!, id: 'row-2' }];
    expect(found({ ...rest, rows: second })).toContainEqual(['final state is the vendor’s', 'conversation cnv_1']);
  });

  it('names a wrong history', () => {
    const { contents, ...rest } = aHistory();
    const twice = [...contents, { ...contents[0]!, label: 'ff', stamps: [500] }];
    expect(found({ ...rest, contents: twice })).toEqual([
      ['history is the sequence of versions', 'conversation cnv_1'],
    ]);
  });

  it('names a version that says other than what was observed under its checksum', () => {
    const { contents, ...rest } = aHistory();
    const other = { ...contents[0]!, customFields: { priority: 'high' } };
    expect(found({ ...rest, contents: [other] })).toEqual([
      ['history is the sequence of versions', 'conversation cnv_1'],
    ]);
  });

  it('names one checksum for two contents, and two for one', () => {
    const { normalized, ...rest } = aHistory();
    const [first] = normalized;
    const law = ['history is the sequence of versions', 'conversation cnv_1'];
    const also = (record: Partial<Evidence['normalized'][number]['record']>) =>
      judge({ ...rest, normalized: [{ ...first!, offset: -1, record: { ...first!.record, ...record } }, first!] })
        .filter(({ says }) => says.includes('checksum'))
        .map(({ law: named, object }) => [named, object]);
    expect(also({ customFields: '{"priority":"high"}' })).toContainEqual(law);
    expect(also({ checksum: 'bb' })).toContainEqual(law);
    expect(also({})).toEqual([]);
  });

  it('names a foreign row', () => {
    expect(found(withRow({ organizationId: 'somebody else' }))).toContainEqual([
      'no row crosses organizations',
      'conversation cnv_1',
    ]);
  });

  it('names an accepted delivery that is nowhere', () => {
    expect(found({ ...aHistory(), raws: [] })).toEqual([['accepted is present', 'event evt_1']]);
  });

  it('names a state on the topic that the object never had', () => {
    const { normalized, ...rest } = aHistory();
    const [first] = normalized;
    const dream = { ...first!, record: { ...first!.record, content: { ...first!.record.content, subject: 'dream' } } };
    expect(found({ ...rest, normalized: [dream, ...normalized] })).toContainEqual([
      'nothing invented',
      'conversation cnv_1',
    ]);
  });

  it('names a stored event that says other than what was sent', () => {
    const { raws, ...rest } = aHistory();
    const payload = Buffer.from(JSON.stringify({ payload: { id: 'evt_1', subject: 'dream' } }));
    const bent = { ...raws[0]!, event: { ...raws[0]!.event, payload } };
    expect(found({ ...rest, raws: [bent] })).toEqual([['nothing invented', 'event evt_1']]);
  });

  it('names a read that shows a state that the object never had', () => {
    const { raws, ...rest } = aHistory();
    const payload = Buffer.from(JSON.stringify({ id: 'cnv_1', subject: 'dream' }));
    const read = { door: 'fetch', kind: 'conversation', externalId: 'cnv_1', status: 200, payload };
    const dreamt = { ...raws[0]!, event: { ...raws[0]!.event, ...read } };
    expect(found({ ...rest, raws: [...raws, dreamt] })).toEqual([['nothing invented', 'conversation cnv_1']]);
  });

  it('names a deletion of what was never gone, unless a lagging read did not show it yet', () => {
    const { normalized, accounts, ...rest } = aHistory();
    const [first] = normalized;
    const gone = { ...first!, offset: -1, record: { ...first!.record, operation: 'deleted', existenceStamp: 50_000 } };
    const told = (readLagMs: number) =>
      found({ ...rest, accounts: [{ ...accounts[0]!, readLagMs }], normalized: [gone, first!] });
    expect(told(0)).toContainEqual(['nothing invented', 'conversation cnv_1']);
    expect(told(200)).not.toContainEqual(['nothing invented', 'conversation cnv_1']);
  });

  it('names a key that went back, and a row that its topic does not say', () => {
    const step = { recordId: 'row-1', register: 'content', from: '02', to: '01' };
    expect(found({ ...aHistory(), stepsBack: [step] })).toEqual([['order keys never go back', 'conversation cnv_1']]);
    expect(found(withRow({ existenceStamp: 999 }))).toEqual([
      ['compacted topic equals Postgres', 'conversation cnv_1'],
    ]);
  });

  it('names what compaction would leave twice, under a strange key or not at all', () => {
    const { normalized, ...rest } = aHistory();
    const [first] = normalized;
    const law = 'compacted topic equals Postgres';
    const elsewhere = { ...first!, partition: 1 };
    expect(found({ ...rest, normalized: [first!, elsewhere] })).toEqual([[law, 'conversation cnv_1']]);
    expect(found({ ...rest, normalized: [{ ...first!, key: 'row-9' }] })).toEqual([[law, 'conversation cnv_1']]);
    const tombstone = { topic: first!.topic, partition: 0, offset: 1, key: 'row-1' };
    expect(found({ ...aHistory(), tombstones: [tombstone] })).toEqual([[law, 'row-1']]);
  });

  it('names a partition whose position went back', () => {
    const back = { consumer: 'writer', topic: 'tributary.normalized.conversation', partition: 2, from: 9, to: 7 };
    expect(found({ ...aHistory(), positionsBack: [back] })).toEqual([
      ['positions never go back', 'tributary.normalized.conversation:2'],
    ]);
  });

  it('names every dead letter and every leak', () => {
    const dead = { topic: 'tributary.failed.write', partition: 0, offset: 7, reason: 'why' };
    expect(found({ ...aHistory(), dead: [dead], leaks: ['poller.log'] })).toEqual([
      ['no dead letter without a cause in the record', 'tributary.failed.write:0:7'],
      ['no secret appears', 'poller.log'],
    ]);
  });

  it('takes an object that was gone before anybody saw it for gone', () => {
    const { accounts, ...rest } = aHistory();
    const gone = { type: 'change', kind: 'conversation', id: 'cnv_9', version: { atMs: 5, body: null } } as const;
    const ledger = [...accounts[0]!.ledger, gone];
    expect(judge({ ...rest, accounts: [{ ...accounts[0]!, ledger }] })).toEqual([]);
  });
});

describe('the story of a finding', () => {
  it('tells what the vendor showed, what came in and what was made of it, with offsets', () => {
    const history = withRow({ content: null });
    expect(storyOf(history, judge(history)[0]!)).toEqual([
      'vendor: shows from 1970-01-01T00:00:00.002Z, updated_at 2.5',
      expect.stringContaining('mapped: tributary.normalized.conversation:0:0 observed'),
    ]);
  });
});

describe('the search for secrets', () => {
  it('finds a planted one in every spelling, and none where none is', () => {
    const search = searchFor(['tok/en+with=signs and blanks']);
    expect(() => assertSearchWorks(search, 'tok/en+with=signs and blanks')).not.toThrow();
    expect(search.has('nothing to see')).toBe(false);
  });
});
