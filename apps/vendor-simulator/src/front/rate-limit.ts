/** Front's bucket: a company's requests in the running minute, told in headers on every answer. */
export interface RateLimit {
  /** Counts one request and says what its answer must carry. */
  take(perMinute: number): { readonly allowed: boolean; readonly headers: Readonly<Record<string, string>> };
}

const MINUTE_MS = 60_000;

export function createRateLimit(now: () => number): RateLimit {
  let minute = 0;
  let used = 0;
  return {
    take(perMinute) {
      const current = Math.floor(now() / MINUTE_MS);
      if (current !== minute) [minute, used] = [current, 0];
      const resetAtMs = (current + 1) * MINUTE_MS;
      const allowed = used < perMinute;
      if (allowed) used += 1;
      const headers = {
        'x-ratelimit-limit': String(perMinute),
        'x-ratelimit-remaining': String(perMinute - used),
        'x-ratelimit-reset': String(resetAtMs / 1000),
      };
      const retryAfter = String((resetAtMs - now()) / 1000);
      return { allowed, headers: allowed ? headers : { ...headers, 'retry-after': retryAfter } };
    },
  };
}
