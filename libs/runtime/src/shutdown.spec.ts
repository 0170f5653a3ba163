import { createShutdown } from './shutdown.ts';

const quiet = () => undefined;

function watched(forcedAfterMs = 1_000) {
  const log: string[] = [];
  const shutdown = createShutdown(quiet, { exit: (code) => log.push(`exit ${code}`), forcedAfterMs });
  const step = (what: string, close = async () => undefined as unknown) =>
    shutdown.add(what, async () => {
      await close();
      log.push(what);
    });
  return { log, shutdown, step };
}

describe('shutdown', () => {
  it('closes one after the other, the last added first, and ends with 0', async () => {
    const { log, shutdown, step } = watched();
    step('ops port');
    step('pool', () => new Promise((resolve) => setImmediate(resolve)));
    step('consumers');
    await shutdown.end();
    expect(log).toEqual(['consumers', 'pool', 'ops port', 'exit 0']);
  });

  it('goes on after a step that fails', async () => {
    const { log, shutdown, step } = watched();
    step('pool');
    step('producer', () => Promise.reject(new Error('away')));
    await shutdown.end();
    expect(log).toEqual(['pool', 'exit 0']);
  });

  it('happens once, however often it is asked for', async () => {
    const { log, shutdown, step } = watched();
    step('pool');
    await Promise.all([shutdown.end(), shutdown.end()]);
    expect(log).toEqual(['pool', 'exit 0']);
  });

  it('ends with 1 after a failure', async () => {
    const { log, shutdown } = watched();
    shutdown.fail(new Error('odd'));
    await shutdown.end();
    expect(log).toEqual(['exit 1']);
  });
});
