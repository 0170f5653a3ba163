// The first answer to a webhook is believed, whatever was expected: a read that lags is not repeated.
import { fetchOnce as fetch } from '../../apps/poller/dist/fetch.js';
import { noteRecord } from './note.mjs';

export async function fetchOnce(work, ...rest) {
  const fetched = await fetch(work, ...rest);
  // What the writer doubts it would ask for without end.
  if (fetched.againAfterMs === null || work.expectation.atLeast !== null) return fetched;
  noteRecord(work);
  return { ...fetched, againAfterMs: null };
}
