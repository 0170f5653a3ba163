import { spawnSync } from 'node:child_process';
import { freePortBlock } from '@tributary/embedded';
import { BUGS, type Bug } from './histories/bugs.ts';
import { watchOrderKeys } from './histories/collect.ts';
import { attempted, isClean, runHistory, type Attempted } from './histories/history.ts';
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

/** All that is known of a history that is not clean. */
const faultsOf = (done: Attempted) => (isClean(done) ? null : done);

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
    const done = await attempted(SEED, () => runHistory(rig, SEED, SIZE));
    expect(faultsOf(done)).toBeNull();
  });

  it.each(bugs)('catches $name by its law and an object that it harmed, and nothing without it', async (bug) => {
    const { isCaught, seed, findings, harmed, waiting, without } = await hunt(rig, bug);
    const told = { seed, findings, harmed, waiting, isCaught, without: faultsOf(without) };
    expect(told).toMatchObject({ isCaught: true, without: null });
  });
});
