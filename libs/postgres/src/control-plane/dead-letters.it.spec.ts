import { randomUUID } from 'node:crypto';
import { twoOrganizations } from '@tributary/testing';
import { inTransaction } from '../pool.ts';
import { openControlPlane, type ControlPlane } from './control-plane.ts';
import { deadLetters, type DeadLetters, type LetterFilter } from './dead-letters.ts';

const { ours, theirs, database, service } = await twoOrganizations();
const replayer = service('tributary_replayer');

let plane: ControlPlane;
let letters: DeadLetters;
beforeAll(async () => {
  plane = await openControlPlane(database.urlFor('tributary_admin'), 'dead-letters.it');
  letters = deadLetters(plane, [ours]);
});
afterAll(() => plane.close());

/** Each suite a stage of its own. */
async function letterIn(stage: string, { organization = ours, minute = 0, cause = 'odd' } = {}): Promise<string> {
  const id = randomUUID();
  await inTransaction(replayer, [organization], (sql) =>
    sql.query(
      `insert into tributary.dead_letter (id, organization_id, stage, class, reason, cause, origin_topic, origin_partition,
         origin_offset, letter_topic, letter_partition, letter_offset, attempt, app, version, first_at, last_at)
       values ($1, $2, $3, 'permanent', 'odd 1', $4, 'raw', 0, 7, 'failed', 0, 9007199254740991, 1, 'spec', '1', $5, $5)`,
      [id, organization, stage, cause, new Date(Date.UTC(2026, 0, 1, 0, minute))],
    ),
  );
  return id;
}

const open = (stage: string): LetterFilter => ({ states: ['open'], stage });
const idsOf = async (filter: LetterFilter) => (await letters.list(filter, { limit: 9 })).items.map(({ id }) => id);

describe('dead letters', () => {
  it('are listed newest first, page by page, each once', async () => {
    const ids: string[] = [];
    for (const minute of [3, 1, 2, 2, 0]) ids.push(await letterIn('paged', { minute }));
    const seen: string[][] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await letters.list(open('paged'), { limit: 2, cursor });
      seen.push(page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect([seen[0]![0], seen[1]![1], seen[2]![0]]).toEqual([ids[0], ids[1], ids[4]]);
    expect(new Set(seen.flat())).toEqual(new Set(ids));
    await expect(letters.list(open('paged'), { limit: 2, cursor: 'x' })).rejects.toThrow('x is no cursor');
  });

  it('are seen whole, by their organization alone', async () => {
    const [mine, foreign] = [await letterIn('seen'), await letterIn('seen', { organization: theirs })];
    expect(await idsOf(open('seen'))).toEqual([mine]);
    expect(await letters.find(mine)).toMatchObject({ id: mine, letterOffset: 9_007_199_254_740_991, state: 'open' });
    expect(await letters.find(foreign)).toBeNull();
    expect(await letters.replay({ ids: [foreign] }, 'ada')).toEqual([]);
    expect(await letters.discard(foreign, 'mine now', 'ada')).toBe(false);
  });

  it('are grouped by cause, the largest group first', async () => {
    const few = await letterIn('grouped', { cause: 'few' });
    for (const minute of [1, 2]) await letterIn('grouped', { cause: 'many', minute });
    expect(await letters.groups(open('grouped'))).toMatchObject([
      { cause: 'many', count: 2, firstAt: new Date(Date.UTC(2026, 0, 1, 0, 1)) },
      { cause: 'few', count: 1, example: few },
    ]);
  });

  it('are to be replayed once they are chosen, by id or as a group, and not before', async () => {
    const [one, two, three] = [
      await letterIn('replayed'),
      await letterIn('replayed', { cause: 'two' }),
      await letterIn('replayed'),
    ];
    expect(await letters.replay({ ids: [one] }, 'ada')).toEqual([one]);
    expect(await letters.replay({ ids: [one] }, 'ada')).toEqual([]);
    expect(await letters.replay({ stage: 'replayed', cause: 'two' }, 'ada')).toEqual([two]);
    expect(await letters.find(one)).toMatchObject({ state: 'replaying', decidedBy: 'ada' });
    const { rows } = await replayer.query<{ id: string }>('select id from tributary.due_letters(9)');
    expect(rows.map(({ id }) => id)).toEqual([one, two]);
    expect(await idsOf(open('replayed'))).toEqual([three]);
  });

  it('are discarded with a reason and a name, once', async () => {
    const id = await letterIn('discarded');
    expect(await letters.discard(id, 'a test of ours', 'ada')).toBe(true);
    expect(await letters.discard(id, 'again', 'bob')).toBe(false);
    expect(await letters.find(id)).toMatchObject({
      state: 'discarded',
      discardReason: 'a test of ours',
      decidedBy: 'ada',
    });
    expect(await letters.replay({ ids: [id] }, 'ada')).toEqual([]);
  });
});
