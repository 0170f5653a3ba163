import { FAULT_KINDS, planFaults, PROCESSES } from './nemesis.ts';
import { dice } from './prng.ts';
import { LINKS } from './proxies.ts';

const plan = (seed: number) => planFaults(dice(seed), 10);
const plans = Array.from({ length: 20 }, (_, index) => plan(index + 1));

describe('the nemesis', () => {
  it('plans the same for the same seed', () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it('plans every kind twice in ten faults', () => {
    for (const faults of plans) {
      for (const kind of FAULT_KINDS) expect(faults.filter((fault) => fault.kind === kind)).toHaveLength(2);
    }
  });

  it('plans every process and every link several times in twenty histories', () => {
    const targets = plans.flat().map(({ target }) => target);
    for (const name of [...PROCESSES, ...LINKS]) {
      expect(targets.filter((target) => target === name).length).toBeGreaterThan(4);
    }
  });

  it('freezes a writer for longer than its session, so that the other one takes over', () => {
    const frozen = plans.flat().filter(({ kind, target }) => kind === 'freeze' && target.startsWith('ingest-writer'));
    expect(frozen.filter(({ forMs }) => forMs! > 6_000).length).toBeGreaterThan(2);
  });
});
