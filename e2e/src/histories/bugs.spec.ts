import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUGS, isCaught, type Bug } from './bugs.ts';
import type { Finding } from './checker/evidence.ts';

const planted = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'planted');
/** What twins are loaded by and share. */
const TOOLS = ['note', 'plant', 'risk', 'slow-hands'];

const bug: Bug = { name: 'forgetful', laws: ['final state is the vendor’s'], seed: 1, size: {} };
const finding: Finding = {
  law: 'final state is the vendor’s',
  object: 'conversation cnv_1',
  account: 'cmp_1',
  says: 'missing',
};
const note = { object: 'conversation cnv_1', account: 'cmp_1' };

describe('a planted bug', () => {
  it('is caught by a finding under its law about an object that it harmed', () => {
    expect(isCaught(bug, [finding], [{ object: 'event evt_1' }, note])).toBe(true);
  });

  it('is not caught by a finding about an object that it left alone', () => {
    expect(isCaught(bug, [finding], [{ ...note, object: 'conversation cnv_2' }])).toBe(false);
    expect(isCaught(bug, [finding], [{ ...note, account: 'cmp_2' }])).toBe(false);
  });

  it('is not caught by a finding under a law that it does not break', () => {
    expect(isCaught(bug, [{ ...finding, law: 'nothing invented' }], [note])).toBe(false);
  });

  it('need not know the account of what it harmed', () => {
    expect(isCaught(bug, [finding], [{ object: note.object }])).toBe(true);
  });

  it('is not caught where nothing is found, or nothing was harmed', () => {
    expect(isCaught(bug, [], [note])).toBe(false);
    expect(isCaught(bug, [finding], [])).toBe(false);
  });
});

describe('the catalogue', () => {
  it('has a twin for each bug, and a bug for each twin', () => {
    const twins = readdirSync(planted).map((name) => name.replace('.mjs', ''));
    expect(BUGS.map(({ name }) => name)).toEqual(twins.filter((name) => !TOOLS.includes(name)).sort());
  });
});
