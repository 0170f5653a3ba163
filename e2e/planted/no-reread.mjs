// The first answer is believed, whatever was expected: a read that lags is not repeated.
import { fetchOnce as fetch } from '../../apps/poller/dist/fetch.js';
import { noteRecord } from './note.mjs';

export async function fetchOnce(work, ...rest) {
  const fetched = await fetch(work, ...rest);
  if (fetched.againAfterMs !== null) noteRecord(work);
  return { ...fetched, againAfterMs: null };
}
