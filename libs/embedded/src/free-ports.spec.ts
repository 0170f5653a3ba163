import { createServer } from 'node:net';
import { once } from 'node:events';
import { freePortBlock } from './free-ports.ts';

describe('a block of free ports', () => {
  it('can be listened on from end to end, and lies below the ports of outgoing connections', async () => {
    const first = await freePortBlock(20);
    const servers = Array.from({ length: 20 }, (_, index) => createServer().listen(first + index, '127.0.0.1'));
    await Promise.all(servers.map((server) => once(server, 'listening')));
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    expect(first + 20).toBeLessThan(32_768);
  });
});
