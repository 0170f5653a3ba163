import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { acme } from '@tributary/testing';
import { Secret } from '@tributary/vault';
import { readFromVendor } from './vendor-read.ts';

it('gives up a vendor that takes the call and does not answer in time', async () => {
  const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const reading = readFromVendor(
    {
      connector: acme,
      description: Object.values(acme.kinds)[0]!,
      externalId: '1',
      baseUrl: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      token: new Secret(Buffer.from('t')),
      answerWithinMs: 200,
    },
    new AbortController().signal,
  );
  await expect(reading).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('does not answer'),
  });
  silent.close();
});
