import { Controller, Inject } from '@nestjs/common';
import type { Outcome } from '@tributary/contracts';
import type { Batch, BatchHandler as Handle } from '@tributary/kafka';
import { BatchHandler } from '@tributary/runtime';

export const INDEX = Symbol('index');

@Controller()
export class LettersController {
  constructor(@Inject(INDEX) private readonly index: Handle) {}

  @BatchHandler('failed')
  handle(batch: Batch): Promise<readonly Outcome[]> {
    return this.index(batch);
  }
}
