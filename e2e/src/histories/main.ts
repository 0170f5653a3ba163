import { parseArgs } from 'node:util';
import { BUGS, isCaught, type Bug, type Note } from './bugs.ts';
import { watchOrderKeys } from './collect.ts';
import { runHistory, type History } from './history.ts';
import { freePortBase } from '../product.ts';
import { plant, sizeOf } from './planting.ts';
import { writeReport, type Told } from './report.ts';
import { Rig } from './rig.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    changes: { type: 'string', default: '2000' },
    faults: { type: 'string', default: '10' },
    objects: { type: 'string', default: '50' },
    rate: { type: 'string', default: '50' },
    planted: { type: 'string' },
    clean: { type: 'string' },
    verbose: { type: 'boolean' },
    report: { type: 'string' },
    'port-base': { type: 'string' },
  },
});

/** In a list of planted bugs: the product as it is, so that the same seed is seen clean beside them. */
const NONE = 'none';
const SHOWN = 4;
const size = {
  organizations: 6,
  changes: Number(values.changes),
  objects: Number(values.objects),
  faults: Number(values.faults),
  rate: Number(values.rate),
};

function tell(
  { seed, changes, struck, seen, findings, story, waiting, seconds }: History,
  planted: string | null,
): void {
  console.log(`seed ${seed}: ${findings.length === 0 ? 'clean' : `${findings.length} findings`} in ${seconds} s`);
  console.log(`  changes ${JSON.stringify(changes)}`);
  console.log(
    `  seen ${JSON.stringify(seen)}${Object.keys(waiting).length === 0 ? '' : `; still waiting ${JSON.stringify(waiting)}`}`,
  );
  for (const { kind, target, inFlight } of struck) console.log(`  ${kind} ${target} with ${inFlight} in flight`);
  for (const { law, object, account, says } of findings.slice(0, SHOWN)) {
    console.log(`  [${law}] ${object} of ${account}: ${says}`);
  }
  for (const line of story) console.log(`    ${line}`);
  if (findings.length > 0) {
    console.log(`  again: npm run histories -- --seed ${seed} --count 1${planted ? ` --planted ${planted}` : ''}`);
  }
}

/** How often each law was broken about a noted object. */
const lawsOf = (bug: Bug, { findings }: History, notes: readonly Note[]): string =>
  JSON.stringify(
    Object.fromEntries(
      [...new Set(findings.map(({ law }) => law))].map((law) => [
        law,
        findings.filter((one) => one.law === law && isCaught({ ...bug, laws: [law] }, [one], notes)).length +
          '/' +
          findings.filter((one) => one.law === law).length,
      ]),
    ),
  );

const rig = new Rig(values['port-base'] === undefined ? await freePortBase() : Number(values['port-base']));
const seeds = Array.from({ length: Number(values.count) }, (_, index) => Number(values.seed) + index);
const told: (Told & { readonly isAsExpected: boolean })[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void rig.stop().finally(() => process.exit(130)));
}
try {
  await rig.start();
  await watchOrderKeys(rig);
  for (const name of values.planted?.split(',') ?? [NONE]) {
    if (name === NONE) {
      for (const seed of seeds) {
        const history = await runHistory(rig, seed, size);
        tell(history, null);
        told.push({ planted: null, history, isAsExpected: history.findings.length === 0 });
      }
    } else {
      const bug = BUGS.find((one) => one.name === name)!;
      for (let n = 0; n < Number(values.count); n += 1) {
        const { history, notes, isCaught } = await plant(rig, bug, bug.seed + n, n > 0);
        console.log(
          `planted ${name}: ${isCaught ? 'CAUGHT' : 'MISSED'} in ${history.seconds} s, ${notes.length} objects noted; laws ${lawsOf(bug, history, notes)}`,
        );
        if (!isCaught || values.verbose) tell(history, name);
        told.push({ planted: name, history, isAsExpected: isCaught });
      }
      if (values.clean) {
        await rig.stopServices();
        await rig.startServices();
        for (let n = 0; n < Number(values.clean); n += 1) {
          const history = await runHistory(rig, bug.seed + n, sizeOf(bug), bug.faults);
          console.log(`without ${name}: ${history.findings.length} findings in ${history.seconds} s`);
          if (history.findings.length > 0) tell(history, null);
          told.push({ planted: null, history, isAsExpected: history.findings.length === 0 });
        }
      }
    }
  }
} finally {
  await rig.stop();
}
if (values.report) writeReport(values.report, size, told);
// A planted bug must be found; the product must be clean.
process.exitCode = told.every(({ isAsExpected }) => isAsExpected) ? 0 : 1;
