import { deadForNow, Failure, type Outcome } from '@tributary/contracts';
import type { Batch, BatchHandler } from './message.ts';

export type Verdict =
  | { readonly kind: 'settle'; readonly outcomes: readonly Outcome[] }
  /** The world's fault, or nobody can say: ask again later, bury nothing. */
  | { readonly kind: 'again'; readonly cause: unknown }
  | { readonly kind: 'fenced' };

/**
 * Tells the record's fault from the world's. An unknown error is the record's only if another record of the batch was done meanwhile:
 * a dependency that is down fails them all.
 */
export async function judge(batch: Batch, handle: BatchHandler): Promise<Verdict> {
  try {
    return { kind: 'settle', outcomes: await ask(batch, handle) };
  } catch (error) {
    if (error instanceof Failure || batch.messages.length === 1) return verdictOn(error);
    return judgeEach(batch, handle);
  }
}

async function judgeEach(batch: Batch, handle: BatchHandler): Promise<Verdict> {
  const outcomes: Outcome[] = [];
  let firstError: unknown;
  let hasPassed = false;
  for (const message of batch.messages) {
    try {
      const [outcome] = await ask({ ...batch, messages: [message] }, handle);
      outcomes.push(outcome!);
      hasPassed ||= outcome!.kind === 'done';
    } catch (error) {
      if (error instanceof Failure) return verdictOn(error);
      firstError ??= error;
      outcomes.push(deadForNow(`unexpected error: ${error instanceof Error ? error.message : String(error)}`));
    }
  }
  return hasPassed || firstError === undefined ? { kind: 'settle', outcomes } : verdictOn(firstError);
}

async function ask(batch: Batch, handle: BatchHandler): Promise<readonly Outcome[]> {
  const outcomes = await handle(batch);
  if (outcomes.length === batch.messages.length) return outcomes;
  throw new Failure(
    'misconfigured',
    `the handler gave ${outcomes.length} outcomes for ${batch.messages.length} messages`,
  );
}

function verdictOn(error: unknown): Verdict {
  return error instanceof Failure && error.kind === 'fenced' ? { kind: 'fenced' } : { kind: 'again', cause: error };
}
