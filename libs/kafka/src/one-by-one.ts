import { Failure, type Outcome } from '@tributary/contracts';
import type { BatchHandler, Message, MessageHandler } from './message.ts';

/** The one-message form: keys side by side, the messages of one key in order. Messages without a key have no order. */
export function oneByOne(handler: MessageHandler): BatchHandler {
  return async function handleEach({ messages }) {
    const outcomes = new Array<Outcome>(messages.length);
    const lines = Map.groupBy(messages.keys(), (index) => messages[index]!.key ?? index);
    const ends = await Promise.allSettled(
      [...lines.values()].map(async (indexes) => {
        for (const index of indexes) outcomes[index] = await handler(messages[index] as Message);
      }),
    );
    const errors = ends.filter((end) => end.status === 'rejected').map((end) => end.reason as unknown);
    // The world's fault goes before an unknown one: it decides what becomes of the batch.
    if (errors.length > 0) throw errors.find((error) => error instanceof Failure) ?? errors[0];
    return outcomes;
  };
}
