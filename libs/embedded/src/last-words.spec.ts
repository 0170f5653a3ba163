import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastWords } from './last-words.ts';

describe('the last words of a process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-words-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['its last line, however the file ends', 'starting\nport 7153 is taken\n\n', 'port 7153 is taken'],
    ['a part of a line that is too long for a sentence', 'x'.repeat(1_000), 'x'.repeat(400)],
    ['none, where it said nothing', '', 'none'],
  ])('are %s', (_what, log, words) => {
    const file = join(folder, 'service.log');
    writeFileSync(file, log);
    expect(lastWords(file)).toBe(words);
  });
});
