import { Controller, Inject } from '@nestjs/common';
import type { Outcome } from '@tributary/contracts';
import type { Batch, BatchHandler as Handle } from '@tributary/kafka';
import { BatchHandler } from '@tributary/runtime';

export const STORE_COMMANDS = Symbol('store commands');

@Controller()
export class CommandController {
  constructor(@Inject(STORE_COMMANDS) private readonly store: Handle) {}

  @BatchHandler('commands')
  handle(batch: Batch): Promise<readonly Outcome[]> {
    return this.store(batch);
  }
}
