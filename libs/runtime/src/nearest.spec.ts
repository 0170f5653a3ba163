import { nearest } from './nearest.ts';

describe('the nearest word', () => {
  it('mends a slip and does not guess beyond', () => {
    expect(nearest('statsu', ['status', 'down'])).toBe('status');
    expect(nearest('frobnicate', ['status', 'down'])).toBeNull();
  });
});
