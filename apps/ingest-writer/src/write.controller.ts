import { Controller, Inject } from '@nestjs/common';
import type { Outcome } from '@tributary/contracts';
import type { Batch, BatchHandler as Handle } from '@tributary/kafka';
import { BatchHandler } from '@tributary/runtime';

export const WRITE = Symbol('write');

@Controller()
export class WriteController {
  constructor(@Inject(WRITE) private readonly write: Handle) {}

  @BatchHandler('normalized')
  handle(batch: Batch): Promise<readonly Outcome[]> {
    return this.write(batch);
  }
}
