import { isClean, type Attempted } from './history.ts';
import type { Hunted } from './planting.ts';

const SHOWN = 4;

/** One line where all is well; else what shows that it is not, and how to see it again. */
export function tellHistory(attempted: Attempted): void {
  const { seed, error, history } = attempted;
  if (!history) return console.log(`seed ${seed}: failed: ${error}`);
  const { changes, struck, findings, story, waiting, seconds } = history;
  const made = Object.values(changes).reduce((total, number) => total + number, 0);
  const hits = struck.map(({ kind, target, inFlight }) => `${kind} ${target} ${inFlight}`).join(', ');
  const verdict = isClean(attempted) ? 'clean' : `${findings.length} findings`;
  console.log(`seed ${seed}: ${verdict} in ${seconds} s, ${made} changes; in flight at ${hits || 'no fault'}`);
  if (isClean(attempted)) return;
  if (Object.keys(waiting).length > 0) console.log(`  still waiting ${JSON.stringify(waiting)}`);
  for (const { law, object, account, says } of findings.slice(0, SHOWN)) {
    console.log(`  [${law}] ${object} of ${account}: ${says}`);
  }
  for (const line of story) console.log(`    ${line}`);
  console.log(`  again: npm run histories -- --seed ${seed}`);
}

export function tellHunted({ bug, seed, isCaught, isCleanWithout, findings, harmed, seconds }: Hunted): void {
  const without = isCleanWithout ? 'clean' : 'NOT clean';
  const seen = `${findings.length} findings, ${harmed} objects harmed`;
  console.log(
    `${bug.name}: ${isCaught ? 'caught' : 'MISSED'} with seed ${seed} in ${seconds} s, ${seen}; ${without} without`,
  );
}
