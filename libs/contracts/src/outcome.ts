/** A message's fate is a value; `settle` in libs/kafka is the only place that turns it into work. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Not wanted, by a named rule. Counted and accounted for, never dead. */
  | { readonly kind: 'filtered'; readonly rule: string }
  /** The record's own fault: parked with its original bytes. */
  | { readonly kind: 'dead'; readonly reason: string; readonly class: DeadClass };

/** Permanent: the same bytes fail again until somebody changes the program. Transient: nobody knows why, so they are tried again. */
export const DEAD_CLASSES = ['permanent', 'transient'] as const;
export type DeadClass = (typeof DEAD_CLASSES)[number];

const DONE: Outcome = { kind: 'done' };

export const done = (): Outcome => DONE;
export const filtered = (rule: string): Outcome => ({ kind: 'filtered', rule });
export const dead = (reason: string): Outcome => ({ kind: 'dead', reason, class: 'permanent' });
export const deadForNow = (reason: string): Outcome => ({ kind: 'dead', reason, class: 'transient' });
