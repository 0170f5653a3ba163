import { readFileSync } from 'node:fs';

const AT_MOST = 400;

/** The end of a log, for a sentence; whoever reads it may not be able to open the file any more. */
export function lastWords(logFile: string): string {
  const said = readFileSync(logFile, 'utf8').trim();
  return said === '' ? 'none' : said.split('\n').at(-1)!.slice(0, AT_MOST);
}
