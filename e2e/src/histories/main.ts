import { parseArgs } from 'node:util';
import { watchOrderKeys } from './collect.ts';
import { runHistory, type History } from './history.ts';
import { freePortBase } from '../product.ts';
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
  for (const { kind, target, forMs, inFlight } of struck) {
    console.log(`  ${kind} ${target}${forMs ? ` for ${forMs} ms` : ''} with ${inFlight} in flight`);
  }
  for (const { law, object, account, says } of findings.slice(0, SHOWN)) {
    console.log(`  [${law}] ${object} of ${account}: ${says}`);
  }
  for (const line of story) console.log(`    ${line}`);
  if (findings.length > 0) {
    console.log(`  again: npm run histories -- --seed ${seed} --count 1${planted ? ` --planted ${planted}` : ''}`);
  }
}

const rig = new Rig(values['port-base'] === undefined ? await freePortBase() : Number(values['port-base']));
const seeds = Array.from({ length: Number(values.count) }, (_, index) => Number(values.seed) + index);
const told: Told[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void rig.stop().finally(() => process.exit(130)));
}
try {
  await rig.start();
  await watchOrderKeys(rig);
  for (const name of values.planted?.split(',') ?? [NONE]) {
    const planted = name === NONE ? null : name;
    if (planted) {
      await rig.stopServices();
      await rig.startServices(planted);
      console.log(`planted: ${planted}`);
    }
    for (const seed of seeds) {
      const history = await runHistory(rig, seed, size);
      tell(history, planted);
      told.push({ planted, history });
    }
  }
} finally {
  await rig.stop();
}
if (values.report) writeReport(values.report, size, told);
// A planted bug must be found; the product must be clean.
const isAsExpected = told.every(({ planted, history }) => history.findings.length > 0 === (planted !== null));
process.exitCode = isAsExpected ? 0 : 1;
