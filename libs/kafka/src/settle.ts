import type { Outcome } from '@tributary/contracts';
import type { Bury, Message } from './message.ts';

export interface SettlePorts {
  readonly bury: Bury;
  readonly onSettled?: ((message: Message, outcome: Outcome) => void) | undefined;
}

/** The only place that knows what an outcome costs. A dead message is settled once its dead letter is acknowledged. */
export async function settle(message: Message, outcome: Outcome, { bury, onSettled }: SettlePorts): Promise<void> {
  switch (outcome.kind) {
    case 'done':
    case 'filtered':
      break;
    case 'dead':
      await bury(message, outcome.reason, outcome.class);
      break;
  }
  onSettled?.(message, outcome);
}
