import type { DeadClass } from '@tributary/contracts';

export interface Prospect {
  readonly class: DeadClass;
  /** When it is sent back by itself; null: only when somebody says so. */
  readonly retryInMs: number | null;
}

/** What lies before a letter that has died for the `attempt`th time. One that has used up its tries will not pass by itself. */
export function prospectOf(deadClass: DeadClass, attempt: number, waitsMs: readonly number[]): Prospect {
  const retryInMs = deadClass === 'transient' ? waitsMs[attempt - 1] : undefined;
  return retryInMs === undefined ? { class: 'permanent', retryInMs: null } : { class: 'transient', retryInMs };
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
/** Longer words with a digit are ids, offsets, times; a status or the name of a field is shorter. */
const PARTICULAR = /\b(?=\w*\d)\w{6,}\b/g;

/** A reason without what is particular to one record. */
export const causeOf = (reason: string): string => reason.replace(UUID, '…').replace(PARTICULAR, '…');
