import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePortBlock } from '@tributary/embedded';
import { PORTS_OF_AN_INSTALLATION } from '../product.ts';
import { BUGS, type Bug } from './bugs.ts';
import { watchOrderKeys } from './collect.ts';
import { attempted, isClean, runHistory, type Attempted } from './history.ts';
import { hunt, type Hunted } from './planting.ts';
import { writeReport } from './report.ts';
import { PROJECT, Rig } from './rig.ts';
import { tellHistory, tellHunted } from './tell.ts';

/** In a list of planted bugs: the product as it is. */
const NONE = 'none';
const ALL = 'all';

/** Without a word, everything. */
const isWhole = process.argv.length === 2;
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: isWhole ? '20' : '1' },
    changes: { type: 'string', default: '2000' },
    faults: { type: 'string', default: '10' },
    objects: { type: 'string', default: '50' },
    rate: { type: 'string', default: '45' },
    planted: { type: 'string', default: isWhole ? `${NONE},${ALL}` : NONE },
    report: { type: 'string', default: isWhole ? join(PROJECT, 'docs', 'reports', 'histories.json') : '' },
    'port-base': { type: 'string' },
  },
});

const size = {
  organizations: 6,
  changes: Number(values.changes),
  objects: Number(values.objects),
  faults: Number(values.faults),
  rate: Number(values.rate),
};
const names = values.planted.split(',');
const seeds = Array.from({ length: names.includes(NONE) ? Number(values.count) : 0 }, (_, index) => {
  return Number(values.seed) + index;
});
const bugs = names.includes(ALL) ? BUGS : names.filter((name) => name !== NONE).map(bugCalled);

function bugCalled(name: string): Bug {
  const bug = BUGS.find((one) => one.name === name);
  if (!bug) throw new Error(`there is no planted bug ${name}; there are ${BUGS.map((one) => one.name).join(', ')}`);
  return bug;
}

const takenAt = new Date();
const rig = new Rig(
  values['port-base'] === undefined ? await freePortBlock(PORTS_OF_AN_INSTALLATION) : Number(values['port-base']),
);
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    ending.abort();
    void rig.stop().finally(() => process.exit(130));
  });
}
const histories: Attempted[] = [];
const hunted: Hunted[] = [];

async function runAll(): Promise<void> {
  await rig.start();
  await watchOrderKeys(rig);
  for (const seed of seeds) {
    const done = await attempted(seed, () => runHistory(rig, seed, size));
    ending.signal.throwIfAborted();
    tellHistory(done, size);
    histories.push(done);
  }
  for (const bug of bugs) {
    const done = await hunt(rig, bug);
    ending.signal.throwIfAborted();
    tellHunted(done);
    hunted.push(done);
  }
}

try {
  await runAll();
} catch (error) {
  if (!ending.signal.aborted) throw error;
} finally {
  await rig.stop();
}
if (values.report && !ending.signal.aborted) writeReport(values.report, takenAt, { size, histories, hunted });
// The product must be clean, and a planted bug must be found where the product without it is clean.
const isAsExpected = histories.every(isClean) && hunted.every((one) => one.isCaught && one.isCleanWithout);
// All is told by now: a client that still tries to mend a connection must not keep the run alive.
process.exit(isAsExpected ? 0 : 1);
