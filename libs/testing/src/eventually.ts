export interface Patience {
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/** Waits for a condition, not for a time: until `check` gives something that is neither false, null nor undefined, and does not throw. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { withinMs = 45_000, everyMs = 20 }: Patience = {},
): Promise<Exclude<T, false | null | undefined>> {
  const end = Date.now() + withinMs;
  let last: unknown = new Error('the condition never held');
  for (;;) {
    try {
      const value = await check();
      if (value !== false && value !== null && value !== undefined)
        return value as Exclude<T, false | null | undefined>;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${(last as Error).message}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
