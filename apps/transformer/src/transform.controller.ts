import { Controller, Inject } from '@nestjs/common';
import type { Outcome } from '@tributary/contracts';
import type { Batch, BatchHandler as Handle } from '@tributary/kafka';
import { BatchHandler } from '@tributary/runtime';

export const TRANSFORM = Symbol('transform');

@Controller()
export class TransformController {
  constructor(@Inject(TRANSFORM) private readonly transform: Handle) {}

  @BatchHandler('raw')
  handle(batch: Batch): Promise<readonly Outcome[]> {
    return this.transform(batch);
  }
}
