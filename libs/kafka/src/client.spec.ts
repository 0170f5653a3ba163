import { Failure } from '@tributary/contracts';
import {
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} from 'kafkajs';
import { translateKafkaError } from './client.ts';

const refused = new KafkaJSConnectionError('connect ECONNREFUSED', { broker: 'b', code: 'ECONNREFUSED' });
const exceeded = new KafkaJSNumberOfRetriesExceeded(refused, { retryCount: 3, retryTime: 100 });
const protocol = (type: string, retriable: boolean) =>
  new KafkaJSProtocolError({ message: type, type, code: 1, retriable } as unknown as Error);

describe('errors of kafkajs at our edge', () => {
  it.each([
    ['a refused connection', refused],
    ['retries that were used up on one', exceeded],
    [
      'the same wrapped once more when it gives up',
      Object.assign(new KafkaJSNonRetriableError('gave up'), { cause: exceeded }),
    ],
    ['a leader that is being elected', protocol('LEADER_NOT_AVAILABLE', true)],
  ])('are the world being away: %s', (_what, error) => {
    expect(translateKafkaError(error, 'sending')).toMatchObject({ kind: 'unavailable', cause: error });
  });

  it('stay what they are when the message is at fault', () => {
    const tooLarge = protocol('MESSAGE_TOO_LARGE', false);
    expect(translateKafkaError(tooLarge, 'sending')).toBe(tooLarge);
  });

  it('are not translated twice', () => {
    const failure = new Failure('overloaded', 'full');
    expect(translateKafkaError(failure, 'sending')).toBe(failure);
  });
});
