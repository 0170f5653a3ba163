import fc from 'fast-check';
import { backOffMs } from './back-off.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe('back-off', () => {
  it('grows and stays bounded, whatever the attempt and the luck', () => {
    fc.assert(
      fc.property(fc.nat(10_000), unit, unit, (attempt, one, other) => {
        const ms = backOffMs(attempt, () => one);
        expect(ms).toBeGreaterThanOrEqual(50);
        expect(ms).toBeLessThanOrEqual(5_000);
        expect(backOffMs(attempt + 1, () => 1)).toBeGreaterThanOrEqual(backOffMs(attempt, () => other));
      }),
    );
  });
});
