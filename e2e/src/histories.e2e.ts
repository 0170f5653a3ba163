import { spawnSync } from 'node:child_process';
import { freePortBlock } from '@tributary/embedded';
import { BUGS, type Bug } from './histories/bugs.ts';
import { watchOrderKeys } from './histories/collect.ts';
import { runHistory } from './histories/history.ts';
import { hunt } from './histories/planting.ts';
import { dice } from './histories/prng.ts';
import { Rig } from './histories/rig.ts';
import { PORTS_OF_AN_INSTALLATION } from './product.ts';

/** Another one at each commit: who repeats a run of the same commit sees the same story and the same bugs. */
const SEED = Number(process.env['HISTORIES_SEED'] ?? seedOfCommit());
const HOW_MANY = 3;
const SIZE = { organizations: 6, changes: 300, objects: 20, faults: 2, rate: 60 };

function seedOfCommit(): number {
  const { stdout } = spawnSync('git', ['rev-parse', '--short=6', 'HEAD'], { encoding: 'utf8' });
  return Number.parseInt(stdout, 16) || 1;
}

function drawn(seed: number): Bug[] {
  const random = dice(seed);
  const ranked = BUGS.map((bug) => ({ bug, rank: random.next() }));
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, HOW_MANY)
    .map(({ bug }) => bug);
}

const bugs = drawn(SEED);
let rig: Rig;

beforeAll(async () => {
  console.log(`HISTORIES_SEED=${SEED} plants ${bugs.map(({ name }) => name).join(', ')}`);
  rig = new Rig(await freePortBlock(PORTS_OF_AN_INSTALLATION));
  await rig.start();
  await watchOrderKeys(rig);
});
afterAll(() => rig.stop());

describe('the judge', () => {
  it('finds nothing wrong with the product under faults', async () => {
    const { findings, story, struck, waiting } = await runHistory(rig, SEED, SIZE);
    console.log(
      `${struck.map(({ kind, target, inFlight }) => `${kind} ${target} with ${inFlight} in flight`).join(', ')}`,
    );
    expect({ findings, story, waiting }).toEqual({ findings: [], story: [], waiting: {} });
  });

  it.each(bugs)('catches $name by its law and an object that it harmed, and finds nothing without it', async (bug) => {
    const { isCaught, isCleanWithout, seed, findings, harmed, seconds } = await hunt(rig, bug);
    console.log(`seed ${seed}: ${findings.length} findings, ${harmed} objects harmed, ${seconds} s`);
    expect({ isCaught, isCleanWithout }).toEqual({ isCaught: true, isCleanWithout: true });
  });
});
