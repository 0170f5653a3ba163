import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Proxy } from './proxy.ts';

const HOST = '127.0.0.1';
const sockets: Socket[] = [];
const closing: (() => Promise<unknown>)[] = [];
let proxy: Proxy;
/** What the far side has seen, and its ends of the connections. */
const far = { text: '', sockets: [] as Socket[] };

function echo(socket: Socket): void {
  far.sockets.push(socket);
  socket.on('error', () => undefined).on('data', (bytes: Buffer) => (far.text += bytes.toString('latin1')));
  socket.pipe(socket);
}

async function listen(server: Server): Promise<number> {
  server.listen(0, HOST);
  await once(server, 'listening');
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

function attempt(port = proxy.port): Socket {
  const socket = connect({ host: HOST, port });
  sockets.push(socket);
  return socket.on('error', () => undefined);
}

async function dial(port?: number): Promise<Socket> {
  const socket = attempt(port);
  await once(socket, 'connect');
  return socket;
}

/** The next bytes, as many as asked for. */
async function take(socket: Socket, length: number): Promise<string> {
  let text = '';
  while (text.length < length) text += String((await once(socket, 'data'))[0]);
  return text;
}

/** Says something and waits for its echo. */
async function say(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  return take(socket, text.length);
}

/** Waits until it is closed; false where it ended as it should. */
async function hasReset(socket: Socket): Promise<boolean> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return socket.errored !== null;
}

/** An answer by another connection: whatever could have passed on the first had its chance. */
async function roundTrips(port: number): Promise<void> {
  const direct = await dial(port);
  for (let count = 0; count < 20; count += 1) await say(direct, '.');
}

let target: number;
beforeEach(async () => {
  far.text = '';
  far.sockets = [];
  target = await listen(createServer(echo));
  proxy = await Proxy.open(0, target);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.close();
  for (const close of closing.splice(0)) await close();
});

describe('a link', () => {
  it('passes what is said in both directions, and the end of it', async () => {
    const socket = await dial();
    expect(await say(socket, 'hello')).toBe('hello');
    socket.end();
    await once(socket, 'end');
    expect(socket.errored).toBeNull();
  });

  it('tells the other side of a reset', async () => {
    const socket = await dial();
    await say(socket, 'hello');
    far.sockets[0]!.resetAndDestroy();
    expect(await hasReset(socket)).toBe(true);
  });

  it('resets old and new connections while it is cut, and is whole again when healed', async () => {
    const old = await dial();
    await say(old, 'hello');
    proxy.cut();
    expect(await hasReset(old)).toBe(true);
    expect(await hasReset(attempt())).toBe(true);
    proxy.heal();
    expect(await say(await dial(), 'again')).toBe('again');
  });

  it('half-open swallows all that is said and keeps the connections; healing resets them', async () => {
    const old = await dial();
    await say(old, 'hello');
    proxy.halfOpen();
    const fresh = await dial();
    for (const socket of [old, fresh]) socket.write('lost');
    far.sockets[0]!.write('lost as well');
    await roundTrips(target);
    expect([old, fresh].map(({ closed, bytesRead }) => ({ closed, bytesRead }))).toEqual([
      { closed: false, bytesRead: 5 },
      { closed: false, bytesRead: 0 },
    ]);
    expect(far.text).not.toContain('lost');
    proxy.heal();
    expect(await Promise.all([old, fresh, far.sockets[0]!].map(hasReset))).toEqual([true, true, true]);
    expect(await say(await dial(), 'again')).toBe('again');
  });

  it('half-open does not tell one side that the other has gone', async () => {
    const [ended, reset] = [await dial(), await dial()];
    for (const socket of [ended, reset]) await say(socket, 'hello');
    proxy.halfOpen();
    ended.destroy();
    reset.resetAndDestroy();
    await Promise.all([ended, reset].map(hasReset));
    await roundTrips(target);
    expect(far.sockets.slice(0, 2).map(({ closed, readableEnded }) => closed || readableEnded)).toEqual([false, false]);
  });

  it('holds each chunk for as long as it is told, and keeps the order', async () => {
    const socket = await dial();
    await say(socket, 'hello');
    proxy.delay(40);
    const begunAt = performance.now();
    expect(await say(socket, 'first')).toBe('first');
    // There and back; a timer may be a millisecond early.
    expect(performance.now() - begunAt).toBeGreaterThan(78);
    const numbers = Array.from({ length: 200 }, (_, index) => `${index};`);
    for (const number of numbers) socket.write(number);
    expect(await take(socket, numbers.join('').length)).toBe(numbers.join(''));
  });

  it('stops a sender who says more than a delayed link holds', async () => {
    const socket = await dial();
    await say(socket, 'hello');
    proxy.delay(2_147_483_647);
    const chunk = Buffer.alloc(1024 * 1024);
    for (let count = 0; count < 64; count += 1) socket.write(chunk);
    await roundTrips(target);
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(far.text).not.toContain('\0');
  });
});
