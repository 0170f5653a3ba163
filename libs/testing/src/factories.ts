import type { Command, RawEvent } from '@tributary/contracts';

export const ORGANIZATION = '8a1f3c52-7c1c-4b43-9d0e-0b6f3f1f5a10';

/** A webhook of the fictitious vendor; a suite names only what it is about. */
export function rawEventOf(change: Partial<RawEvent> = {}): RawEvent {
  return {
    eventId: '00000000-0000-4000-8000-000000000001',
    organizationId: ORGANIZATION,
    connectionId: '00000000-0000-4000-8000-000000000002',
    vendor: 'acme',
    account: 'acc_1',
    door: 'webhook',
    kind: null,
    externalId: null,
    receivedAt: 1_767_225_600_000_000,
    readStamp: 0,
    atLeast: null,
    status: 0,
    lane: 'live',
    runId: null,
    askedBy: [],
    traceparent: '',
    headers: {},
    payload: Buffer.from('{}'),
    ...change,
  };
}

/** A read of one message; the expectation may be given in part. */
export function commandOf(
  change: Partial<Omit<Command, 'expectation'>> & { readonly expectation?: Partial<Command['expectation']> } = {},
): Command {
  return {
    commandId: '00000000-0000-4000-8000-000000000003',
    type: 'fetch',
    organizationId: ORGANIZATION,
    connectionId: '00000000-0000-4000-8000-000000000002',
    vendor: 'acme',
    account: 'acc_1',
    kind: 'message',
    externalId: 'msg_1',
    lane: 'live',
    askedBy: [],
    requestedAt: 1_767_225_600_000_000,
    traceparent: '',
    ...change,
    expectation: { version: null, atLeast: null, presence: 'any', ...change.expectation },
  };
}
