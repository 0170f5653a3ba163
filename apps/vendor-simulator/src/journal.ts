import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Everything the fake vendors did, one JSON line for what happened together: a vendor does not forget when its process dies. */
export interface Journal<Entry> {
  /** All of it, from the beginning. */
  readonly entries: readonly Entry[];
  /** All of them are written, or none. */
  append(together: readonly Entry[]): void;
}

export function openJournal<Entry>(file: string): Journal<Entry> {
  mkdirSync(dirname(file), { recursive: true });
  const entries = existsSync(file) ? readLines<Entry>(file) : [];
  return {
    entries,
    append(together) {
      appendFileSync(file, `${JSON.stringify(together)}\n`);
      entries.push(...together);
    },
  };
}

/** A process killed while it wrote leaves half a line at the end, which nobody has been told of. */
function readLines<Entry>(file: string): Entry[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const last = lines.pop();
  if (last) appendFileSync(file, '\n');
  return lines.flatMap((line) => (line ? parsed<Entry>(line) : []));
}

function parsed<Entry>(line: string): readonly Entry[] {
  try {
    return [JSON.parse(line) as Entry | Entry[]].flat() as Entry[]; // a line of an older journal is one entry
  } catch {
    return [];
  }
}
