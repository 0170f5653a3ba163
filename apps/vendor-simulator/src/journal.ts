import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Everything the fake vendors did, one JSON line each: a vendor does not forget when its process dies. */
export interface Journal<Entry> {
  readonly entries: readonly Entry[];
  append(entry: Entry): void;
  /** All of it, from the beginning. */
  read(): Entry[];
}

export function openJournal<Entry>(file: string): Journal<Entry> {
  mkdirSync(dirname(file), { recursive: true });
  const entries = existsSync(file) ? readLines<Entry>(file) : [];
  return {
    entries,
    append: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`),
    read: () => parsedLines<Entry>(readFileSync(file, 'utf8')),
  };
}

/** A process killed while it wrote leaves half a line at the end, which nobody has been told of. */
function readLines<Entry>(file: string): Entry[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const last = lines.pop();
  if (last) appendFileSync(file, '\n');
  return parsedLines<Entry>(lines.join('\n'));
}

function parsedLines<Entry>(text: string): Entry[] {
  return text.split('\n').flatMap((line) => (line ? parsed<Entry>(line) : []));
}

function parsed<Entry>(line: string): Entry[] {
  try {
    return [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}
