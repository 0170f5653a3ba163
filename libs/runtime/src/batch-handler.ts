import { applyDecorators, Catch, UseFilters, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';

export const KAFKA_TRANSPORT = Symbol('tributary.kafka');

/** Nest would turn every error into "Internal server error"; the consumer must see which it was. */
@Catch()
class PassOn implements ExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Marks the controller method that handles a consumer's batches: it takes a `Batch` and returns one `Outcome` per message.
 * `consumer` is the logical name given to KafkaStrategy; one that has no method, or two, stops the app at boot.
 */
export function BatchHandler(consumer: string): MethodDecorator {
  return (target, key, descriptor) => {
    const handledBy = `${target.constructor.name}.${String(key)}`;
    applyDecorators(UseFilters(new PassOn()), MessagePattern(consumer, KAFKA_TRANSPORT, { handledBy }))(
      target,
      key,
      descriptor,
    );
  };
}
