import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import type { Attempted, Size } from './history.ts';
import { FAULT_KINDS, PROCESSES, type Struck } from './nemesis.ts';
import type { Hunted } from './planting.ts';
import { LINKS } from './proxies.ts';
import { PROJECT } from './rig.ts';

export interface Outcome {
  readonly size: Size;
  readonly histories: readonly Attempted[];
  readonly hunted: readonly Hunted[];
}

/** The figures of a run, for whoever was not there. */
export function writeReport(file: string, takenAt: Date, { size, histories, hunted }: Outcome): void {
  const struck = histories.flatMap(({ history }) => history?.struck ?? []);
  const report = {
    ...sourceOf(PROJECT),
    takenAt: takenAt.toISOString(),
    machine: { cores: availableParallelism(), node: process.version },
    size,
    seeds: histories.map(({ seed }) => seed),
    faults: {
      byKind: totals(FAULT_KINDS, struck, ({ kind }) => kind),
      byTarget: totals([...PROCESSES, ...LINKS], struck, ({ target }) => target),
    },
    histories: histories.map(figuresOf),
    planted: hunted.map(({ bug, findings, without, ...rest }) => ({
      bug: bug.name,
      laws: bug.laws,
      ...rest,
      without: figuresOf(without),
      findings: findings.length,
      first: findings.find(({ law }) => bug.laws.includes(law)) ?? null,
    })),
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

function figuresOf({ seed, error, history }: Attempted): object {
  if (!history) return { seed, error };
  const { seconds, changes, seen, struck, waiting, findings } = history;
  return { seed, seconds, changes, seen, struck, waiting, findings };
}

function totals(names: readonly string[], struck: readonly Struck[], nameOf: (one: Struck) => string): object {
  const of = (name: string) => struck.filter((one) => nameOf(one) === name);
  return Object.fromEntries(
    names.map((name) => [
      name,
      { struck: of(name).length, inFlightHits: of(name).filter(({ inFlight }) => inFlight > 0).length },
    ]),
  );
}

/** Null where the project is no checkout. */
function sourceOf(folder: string): { readonly commit: string | null; readonly isDirty: boolean | null } {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return { commit: git('rev-parse', 'HEAD'), isDirty: git('status', '--porcelain') !== '' };
  } catch {
    return { commit: null, isDirty: null };
  }
}
