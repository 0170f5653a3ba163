import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
const flags = [
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  '--conditions=tributary-source',
];

async function tributary(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...flags, main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...said };
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tributary cli '))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Where a gateway would listen, taken by somebody else. */
async function takenPort(): Promise<{ base: number; server: Server }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { base: (server.address() as AddressInfo).port - 1, server };
}

describe('tributary, used wrongly', () => {
  it.each([
    [['statsu'], 'There is no verb statsu. Did you mean status?'],
    [['status', '--jsno'], 'There is no option --jsno. Did you mean --json?'],
    [['reset', '--data', '/nowhere'], 'say --yes if that is meant'],
    [['sync', 'acme', '--resource', 'things'], 'Name the objects'],
    [['dead-letters'], 'There is dead-letters list, dead-letters show'],
    [['dead-letters', 'lits'], 'Did you mean dead-letters list?'],
    [['dead-letters', 'list', '--state', 'lost'], 'There is no state lost'],
    [['dead-letters', 'show', '7'], '7 is no id of a dead letter'],
    [['dead-letters', 'replay'], 'Name letters by their ids, or a group'],
    [['dead-letters', 'discard', '00000000-0000-4000-8000-000000000001'], 'Say why: --reason R'],
    [['up', '--port-base', 'high'], '--port-base takes a whole number from 1024 to'],
  ])('says how %j is meant and exits with 2', async (args, sentence) => {
    const { code, stderr } = await tributary(...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(sentence) });
  });
});

describe('a start that cannot succeed', () => {
  const refused = (sentence: string) => ({ code: 78, stdout: '', stderr: expect.stringContaining(sentence) });

  it('leaves a foreign folder alone', async () => {
    writeFileSync(join(folder, 'letter'), 'dear');
    expect(await tributary('up', '--data', folder)).toEqual(refused(`${folder} holds files that are not Tributary's`));
    expect((await tributary('reset', '--yes', '--data', folder)).code).toBe(78);
    expect(readFileSync(join(folder, 'letter'), 'utf8')).toBe('dear');
  });

  it('leaves the folder of a newer release alone', async () => {
    writeFileSync(join(folder, 'tributary.json'), '{"format": 99}');
    expect(await tributary('up', '--data', folder)).toEqual(refused('was written by a newer Tributary'));
    expect(readdirSync(folder)).toEqual(['tributary.json']);
  });

  it('names the busy port and what was wanted there, and keeps no lock', async () => {
    const { base, server } = await takenPort();
    try {
      const answer = await tributary('up', '--data', folder, '--port-base', String(base));
      expect(answer).toEqual(refused(`Another program listens on port ${base + 1} (the webhook gateway)`));
      expect(readdirSync(folder).sort()).toEqual(['logs', 'tributary.json']);
    } finally {
      server.close();
    }
  });
});

describe('where nothing runs', () => {
  it('status says so to a program, and fails', async () => {
    const { code, stdout } = await tributary('status', '--json', '--data', folder);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ready: false, services: [], databaseUrl: null });
  });

  it.each([[['simulate', 'acme', 'things']], [['sync', 'acme', '--resource', 'things', '--ids', '1']]])(
    '%j names the remedy',
    async (args) => {
      const { code, stderr } = await tributary(...args, '--data', folder);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('`tributary up` starts it') });
    },
  );

  it('down and reset are content', async () => {
    expect(await tributary('down', '--data', folder)).toEqual({ code: 0, stdout: 'Nothing was running\n', stderr: '' });
    expect((await tributary('reset', '--yes', '--data', join(folder, 'none'))).code).toBe(0);
  });
});

describe('for programs', () => {
  it.each([
    ['topics', []],
    ['doctor', ['--port-base', '48600']],
  ])('%s --json is JSON and nothing else', async (verb, more) => {
    mkdirSync(join(folder, 'data'));
    const args = verb === 'doctor' ? ['--data', join(folder, 'data'), ...more] : more;
    const { stdout } = await tributary(verb, '--json', ...args);
    expect(JSON.parse(stdout)).toEqual({ items: expect.any(Array), nextCursor: null });
  });
});
