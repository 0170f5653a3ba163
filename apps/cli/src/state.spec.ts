import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installationAt } from './installation.ts';
import { Ledger, readState } from './state.ts';

describe('the launcher’s account', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-ledger-'));
  const installation = installationAt(join(folder, 'data'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('goes on without a disk that takes it, says so once, and is written again when it can be', () => {
    mkdirSync(installation.folder);
    const launcher = { pid: process.pid, startedAt: '0' };
    const said: string[] = [];
    const ledger = new Ledger(
      installation,
      { launcher, version: '1', portBase: 1, ready: false, urls: {}, databaseUrl: null },
      () => null,
      (sentence) => said.push(sentence),
    );
    renameSync(installation.folder, join(folder, 'away'));
    ledger.set({ ready: true });
    ledger.set({ databaseUrl: 'x' });
    expect(said).toEqual([expect.stringMatching(/cannot be written .*: make room for it/)]);
    renameSync(join(folder, 'away'), installation.folder);
    ledger.set({ ready: false });
    ledger.close();
    expect(readState(installation)).toMatchObject({ ready: false, databaseUrl: 'x' });
  });
});
