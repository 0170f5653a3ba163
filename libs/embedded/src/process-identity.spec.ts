import { identify, isRunning, signal } from './process-identity.ts';
import { pauseMs } from './supervise.ts';

describe('a process is known by its number and its start', () => {
  it('knows itself', () => {
    expect(isRunning(identify(process.pid)!)).toBe(true);
  });

  it('takes a stranger with the same number for no one, and does not signal it', () => {
    const stranger = { pid: process.pid, startedAt: 'another time' };
    expect(isRunning(stranger)).toBe(false);
    expect(signal(stranger, 'SIGKILL')).toBe(false);
  });
});

describe('the pause before a restart', () => {
  it('doubles and stays bounded', () => {
    expect([1, 2, 3, 4].map(pauseMs)).toEqual([250, 500, 1000, 2000]);
    expect(pauseMs(50)).toBe(10_000);
  });
});
