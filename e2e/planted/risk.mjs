// What a process still has to do for work that counts as done. A killed process can note nothing: the one that follows it does.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const { PLANTED_NOTES: notes, PLANTED_BUG: bug } = process.env;
const file = notes && `${notes}.${bug}`;
const write = (line) => file && appendFileSync(file, `${JSON.stringify(line)}\n`);

let last = 0;

/** The end of the risk is told by calling the answer. */
export function takeRisk(risk) {
  const id = `${process.pid}-${(last += 1)}`;
  write({ id, risk });
  return () => write({ id });
}

/** Of the processes before this one. */
export function risksLeft() {
  if (!file || !existsSync(file)) return [];
  const left = new Map();
  for (const { id, risk } of readFileSync(file, 'utf8').split('\n').filter(Boolean).map(JSON.parse)) {
    if (risk) left.set(id, risk);
    else left.delete(id);
  }
  return [...left.values()];
}
