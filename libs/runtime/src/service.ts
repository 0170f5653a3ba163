import type { Metrics } from '@tributary/telemetry';
import type { Log } from './log.ts';

export type Check = () => boolean | Promise<boolean>;

/** What the boot gives a service's module. */
export interface Service {
  readonly name: string;
  readonly version: string;
  readonly environment: 'development' | 'production';
  readonly log: Log;
  readonly metrics: Metrics;
  /** `/readyz` answers 200 only while all of these hold. */
  readyWhen(what: string, check: Check): void;
  /** Run one after the other, the last registered first, after HTTP and Kafka have stopped taking and drained. */
  onShutdown(what: string, close: () => Promise<void>): void;
  /** Ends the process in order with exit code 1: a person must act and the log says what. */
  fail(error: unknown): void;
}
