import { writeFileSync } from 'node:fs';
import { LAWS } from './checker/evidence.ts';
import type { History, Size } from './history.ts';

export interface Told {
  /** Null: the product as it is. */
  readonly planted: string | null;
  readonly history: History;
}

/** The figures of a run, for whoever was not there. */
export function writeReport(file: string, size: Size, told: readonly Told[]): void {
  const report = {
    size,
    histories: told
      .filter(({ planted }) => planted === null)
      .map(({ history: { seed, changes, seen, struck, findings, seconds } }) => ({
        seed,
        seconds,
        changes: Object.values(changes).reduce((total, number) => total + number, 0),
        ...seen,
        struck,
        findings,
      })),
    planted: told
      .filter(({ planted }) => planted !== null)
      .map(({ planted, history: { seed, findings } }) => ({
        bug: planted,
        seed,
        isCaught: findings.length > 0,
        laws: LAWS.filter((law) => findings.some((finding) => finding.law === law)),
        objects: new Set(findings.map(({ object }) => object)).size,
        first: findings[0] ?? null,
      })),
  };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}
