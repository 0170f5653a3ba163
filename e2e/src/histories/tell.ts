import { isClean, type Attempted, type History, type Size } from './history.ts';
import type { Hunted } from './planting.ts';

const SHOWN = 4;

/** One line where all is well; else what shows that it is not, and how to see it again. */
export function tellHistory(attempted: Attempted, { changes, faults, objects, rate }: Size): void {
  const again = `--seed ${attempted.seed} --changes ${changes} --faults ${faults} --objects ${objects} --rate ${rate}`;
  tell(attempted, again);
}

export function tellHunted({ bug, without, ...planted }: Hunted): void {
  const { seed, isCaught, isCleanWithout, findings, waiting, harmed, seconds } = planted;
  const verdict = isCleanWithout ? 'clean' : 'NOT clean';
  const seen = `${findings.length} findings, ${harmed} objects harmed`;
  console.log(
    `${bug.name}: ${isCaught ? 'caught' : 'MISSED'} with seed ${seed} in ${seconds} s, ${seen}; ${verdict} without`,
  );
  if (!isCaught) tellWaiting(waiting);
  if (!isCleanWithout) tell(without, `--planted ${bug.name}`);
}

function tell(attempted: Attempted, again: string): void {
  const { seed, error, history } = attempted;
  if (history) tellSeen(attempted, history);
  else console.log(`seed ${seed}: failed: ${error}`);
  if (!isClean(attempted)) console.log(`  again: npm run histories -- ${again}`);
}

function tellSeen(attempted: Attempted, { seed, changes, struck, findings, story, waiting, seconds }: History): void {
  const made = Object.values(changes).reduce((total, number) => total + number, 0);
  const hits = struck.map(({ kind, target, inFlight }) => `${kind} ${target} ${inFlight}`).join(', ');
  const verdict = isClean(attempted) ? 'clean' : `${findings.length} findings`;
  console.log(`seed ${seed}: ${verdict} in ${seconds} s, ${made} changes; in flight at ${hits || 'no fault'}`);
  tellWaiting(waiting);
  for (const { law, object, account, says } of findings.slice(0, SHOWN)) {
    console.log(`  [${law}] ${object} of ${account}: ${says}`);
  }
  for (const line of story) console.log(`    ${line}`);
}

function tellWaiting(waiting: History['waiting']): void {
  if (Object.keys(waiting).length > 0) console.log(`  still waiting ${JSON.stringify(waiting)}`);
}
