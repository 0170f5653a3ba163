/**
 * The closed list of what can go wrong apart from a record's own fault (that is an Outcome).
 * - unavailable: a dependency is away; pause, try again, nothing is buried
 * - overloaded: a bound is full; the caller is told to come back
 * - misconfigured: a person must change a setting; the message says which
 * - fenced: somebody else owns the work now; drop it without effect
 */
export type FailureKind = 'unavailable' | 'overloaded' | 'misconfigured' | 'fenced';

export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly kind: FailureKind,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export function isFailure(error: unknown, kind?: FailureKind): error is Failure {
  return error instanceof Failure && (kind === undefined || error.kind === kind);
}
