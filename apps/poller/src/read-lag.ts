import type { Expectation } from '@tributary/contracts';

/** What a read showed. `version` is 0 for kinds without versions and for what is not there. */
export interface Seen {
  readonly presence: 'observed' | 'deleted' | 'not_visible';
  readonly version: number;
}

export interface ReadLagSettings {
  /** Waits before a read that is older than expected, or contradicts what was told, is repeated. */
  readonly repeatAfterMs: readonly number[];
  /** Kinds without versions cannot show that they lag, so they get one more read. */
  readonly confirmAfterMs: number;
}

export type ReadVerdict =
  | { readonly kind: 'settled' }
  /** The vendor insists: the read is right, and is ordered at least at the version that the row has. */
  | { readonly kind: 'insists'; readonly atLeast: number | null }
  | { readonly kind: 'again'; readonly afterMs: number };

/** `attempt` counts the reads made for this work before this one. */
export function judgeRead(
  seen: Seen,
  expected: Expectation,
  { versions, attempt }: { readonly versions: boolean; readonly attempt: number },
  settings: ReadLagSettings,
): ReadVerdict {
  if (contradicts(seen, expected)) {
    const afterMs = settings.repeatAfterMs[attempt];
    return afterMs === undefined ? { kind: 'insists', atLeast: raisedTo(seen, expected) } : { kind: 'again', afterMs };
  }
  const needsConfirmation = !versions && attempt === 0 && seen.presence === 'observed';
  return needsConfirmation ? { kind: 'again', afterMs: settings.confirmAfterMs } : { kind: 'settled' };
}

function contradicts(seen: Seen, { version, presence }: Expectation): boolean {
  const isThere = seen.presence === 'observed';
  if (presence === 'exists' && !isThere) return true;
  if (presence === 'gone' && isThere) return true;
  return isThere && version !== null && seen.version < version;
}

function raisedTo(seen: Seen, { atLeast }: Expectation): number | null {
  return seen.presence === 'observed' && atLeast !== null && seen.version < atLeast ? atLeast : null;
}
