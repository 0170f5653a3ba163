import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';
const PROBE_MS = 2_000;

/** Sends one request and gives the first bytes of the answer; null when nobody answers. */
function ask(port: number, request: Buffer, enough: (answer: Buffer) => boolean): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    let answer = Buffer.alloc(0);
    const end = (result: Buffer | null) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(PROBE_MS, () => end(null));
    socket.once('error', () => end(null));
    socket.once('close', () => end(null));
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (enough(answer)) end(answer);
    });
  });
}

/** Postgres is ready when it asks for a password; while it recovers it answers a start-up message with an error. */
export async function postgresAnswers(port: number): Promise<boolean> {
  const words = Buffer.from('user\0tributary_owner\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + words.length, 0);
  head.writeInt32BE(196_608, 4); // protocol 3.0
  const answer = await ask(port, Buffer.concat([head, words]), (bytes) => bytes.length > 0);
  return answer?.[0] === 'R'.charCodeAt(0);
}

const METADATA = 3;
const METADATA_VERSION = 4;

/** Kafka is ready when its metadata names at least one broker: a fenced one is not listed. */
export async function kafkaAnswers(port: number): Promise<boolean> {
  const client = 'probe';
  const body = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 4 + 1);
  let at = body.writeInt32BE(body.length - 4, 0);
  at = body.writeInt16BE(METADATA, at);
  at = body.writeInt16BE(METADATA_VERSION, at);
  at = body.writeInt32BE(1, at); // correlation id
  at = body.writeInt16BE(client.length, at);
  at += body.write(client, at);
  at = body.writeInt32BE(0, at); // no topics
  body.writeInt8(0, at); // create none
  // size, correlation id, throttle time, then the number of brokers
  const answer = await ask(port, body, (bytes) => bytes.length >= 16);
  return answer !== null && answer.readInt32BE(12) > 0;
}

export async function httpAnswers(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) });
  await answer.arrayBuffer();
  return answer.ok;
}

/** True when somebody else listens there. */
export function isPortBusy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(false)));
  });
}
