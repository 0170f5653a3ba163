import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../journal.ts';
import { createFrontApi } from './api.ts';
import { Changes } from './changes.ts';
import { follow } from './script.ts';
import { World, type Account, type Entry } from './world.ts';

const account: Account = {
  id: 'cmp_1',
  token: 'tok',
  signingKey: 'key',
  webhookUrl: null,
  settings: { perMinute: 60_000, readLagMs: 0, repeatUntilTaken: false },
};

let nowMs = 1_767_225_600_000;
const now = () => nowMs;
const onEvent = () => {};
let folder: string;
const file = () => join(folder, 'front.jsonl');

function newWorld(settings: Partial<Account['settings']> = {}) {
  const world = new World(openJournal<Entry>(file()));
  world.record({ type: 'account', account: { ...account, settings: { ...account.settings, ...settings } } });
  const changes = new Changes(world, now, onEvent);
  const api = createFrontApi(world, now);
  const get = (path: string, token = 'tok') => api.answer({ path, authorization: `Bearer ${token}` });
  return { world, changes, get };
}

type Made = ReturnType<typeof newWorld>;

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'front-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('simulated Front', () => {
  it('announces a message by ids and a preview, never by its body', () => {
    const { world, changes } = newWorld();
    const id = changes.make('cmp_1', 'message', 'create')!;
    const event = [...world.waiting.values()][0]?.event;
    expect(JSON.stringify(event)).toContain(id);
    expect(event).not.toHaveProperty('payload.target.data.body');
    expect(event).not.toHaveProperty('payload.conversation.status');
  });

  it('shows by API what it announced', () => {
    const { changes, get } = newWorld();
    const id = changes.make('cmp_1', 'message', 'create')!;
    expect(get(`/messages/${id}`)).toMatchObject({ status: 200, body: { id, is_inbound: true, type: 'email' } });
  });

  it('remembers everything when its process dies in the middle of a line', () => {
    const before = newWorld();
    const id = before.changes.make('cmp_1', 'message', 'create')!;
    appendFileSync(file(), '{"type":"change","acc');
    const after = newWorld();
    expect(after.get(`/messages/${id}`).status).toBe(200);
    expect(after.world.waiting.size).toBe(1);
    expect(after.changes.make('cmp_1', 'message', 'create')).not.toBe(id);
  });

  it.each([
    ['made', ({ changes }: Made) => changes.make('cmp_1', 'message', 'create')],
    [
      'scripted',
      ({ world }: Made) => follow('cmp_1', { kind: 'conversation', action: 'create' }, { world, now, onEvent }),
    ],
  ])('keeps no %s change without its event, wherever its process dies', (_, change) => {
    newWorld();
    const before = readFileSync(file()).length;
    change(newWorld());
    for (let length = readFileSync(file()).length - 1; length > before; length -= 7) {
      truncateSync(file(), length);
      const { world } = newWorld();
      expect(world.count('cmp_1', 'conversation')).toBe(world.waiting.size);
    }
  });

  it('remembers an older journal, with a line for each entry', () => {
    appendFileSync(file(), `${JSON.stringify({ type: 'account', account: { ...account, id: 'cmp_old' } })}\n`);
    expect([...newWorld().world.accounts.keys()]).toEqual(['cmp_old', 'cmp_1']);
  });

  it('tells what happened to one account, also after a start, without reading its file again', () => {
    const { world, changes } = newWorld();
    changes.make('cmp_2', 'message', 'create');
    changes.make('cmp_1', 'conversation', 'create');
    const told = world.journal('cmp_1');
    expect(told.map((entry) => entry.type)).toEqual(['change', 'change', 'event']);
    const { world: after } = newWorld();
    rmSync(file());
    expect(after.journal('cmp_1')).toEqual(told);
  });

  it('moves the version of a conversation with every change, even within a millisecond', () => {
    const { world, changes } = newWorld();
    const id = changes.make('cmp_1', 'conversation', 'create')!;
    const seen = [1, 2, 3].map(() => {
      changes.make('cmp_1', 'conversation', 'update');
      return world.latest('cmp_1', 'conversation', id)!['updated_at'];
    });
    expect(new Set(seen).size).toBe(3);
  });

  it('answers 404 for what is gone, and keeps what is in the trash', () => {
    const { changes, get } = newWorld();
    const id = changes.make('cmp_1', 'conversation', 'create')!;
    changes.make('cmp_1', 'conversation', 'trash');
    nowMs += 1000;
    expect(get(`/conversations/${id}`)).toMatchObject({ status: 200, body: { status: 'deleted' } });
    changes.make('cmp_1', 'conversation', 'delete');
    nowMs += 1000;
    expect(get(`/conversations/${id}`).status).toBe(404);
  });

  it('lags in its reads when told to', () => {
    const { changes, get } = newWorld({ readLagMs: 2000 });
    const id = changes.make('cmp_1', 'message', 'create')!;
    expect(get(`/messages/${id}`).status).toBe(404);
    nowMs += 2000;
    expect(get(`/messages/${id}`).status).toBe(200);
  });

  it('answers with what it showed when it was asked, some answers later than others', () => {
    const { changes, get } = newWorld({ answerMs: 100 });
    const id = changes.make('cmp_1', 'conversation', 'create')!;
    const delays = Array.from({ length: 20 }, () => get(`/conversations/${id}`).afterMs!);
    expect(new Set(delays).size).toBeGreaterThan(10);
    expect(Math.max(...delays)).toBeLessThanOrEqual(100);
  });

  it('refuses the request after the plan’s last one until the minute is over', () => {
    const { get } = newWorld({ perMinute: 50 });
    const answers = Array.from({ length: 51 }, () => get('/me'));
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(50).fill(200), 429]);
    expect(answers[49]!.headers).toMatchObject({ 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '0' });
    nowMs += Number(answers[50]!.headers['retry-after']) * 1000;
    expect(get('/me').status).toBe(200);
  });

  it('knows nobody without a token', () => {
    expect(newWorld().get('/me', 'wrong')).toMatchObject({ status: 401, body: { _error: { status: 401 } } });
  });
});
