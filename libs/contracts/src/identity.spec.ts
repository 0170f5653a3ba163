import { changeEventId, letterId, orderKey, recordId, uuidV5 } from './index.ts';

const identity = {
  organizationId: '8a1f3c52-7c1c-4b43-9d0e-0b6f3f1f5a10',
  vendor: 'acme',
  account: 'acc_1',
  kind: 'message',
  externalId: 'msg_1',
};

describe('identity', () => {
  it('follows RFC 9562: the example of the DNS namespace', () => {
    expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });

  it.each([
    [{}, '667d54b7-ab9c-5e5b-955e-5009cddbd6bc'],
    [{ kind: 'conversation' }, '8bd145c0-62fb-536a-8427-5d3d3d36f4fe'],
    [{ externalId: 'msg_1#body' }, '531d731b-35cd-5304-a87e-bd2520f3d48d'],
  ])('gives the committed id for %j', (change, golden) => {
    expect(recordId({ ...identity, ...change })).toBe(golden);
  });

  it('keeps fields apart that would look the same when joined', () => {
    expect(recordId({ ...identity, account: 'a', kind: 'b,c' })).not.toBe(
      recordId({ ...identity, account: 'a,b', kind: 'c' }),
    );
  });

  it('gives the committed change id', () => {
    const key = orderKey({
      sourceVersion: 1,
      readStamp: 2,
      mappingVersion: 3,
      checksum: '00112233445566778899aabbccddeeff',
    });
    const state = { id: recordId(identity), orderKey: key, operation: 'observed', existenceStamp: 2 };
    expect(changeEventId(state)).toBe('28628d15-7d64-52f9-bdbd-0a37033c4b38');
    expect(changeEventId({ ...state, operation: 'deleted' })).not.toBe(changeEventId(state));
  });

  it('gives the committed letter id, one for each place', () => {
    const place = { topic: 'tributary.raw.acme', partition: 1, offset: 42 };
    expect(letterId(place)).toBe('4d6f3ff6-a0af-5ee8-a9d2-2cde0de8bfe3');
    expect(letterId({ ...place, offset: 43 })).not.toBe(letterId(place));
  });
});
