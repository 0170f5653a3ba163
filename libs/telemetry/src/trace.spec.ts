import fc from 'fast-check';
import { formatTraceparent, parseTraceparent, startSpan } from './trace.ts';

const hex = (length: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0+$/.test(text));

describe('trace context', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.constantFrom('00', '01'), (traceId, spanId, flags) => {
        const text = `00-${traceId}-${spanId}-${flags}`;
        expect(formatTraceparent(parseTraceparent(text)!)).toBe(text);
      }),
    );
  });

  it.each([
    '',
    'nonsense',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
    `ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
  ])('takes %j from outside as no trace', (text) => {
    expect(parseTraceparent(text)).toBeNull();
  });

  it('goes on the trace of its parent under an id of its own, without an SDK', () => {
    const parent = startSpan('first');
    const child = startSpan('second', { parent: parent.traceparent });
    expect(child.traceId).toBe(parent.traceId);
    expect(child.traceparent).not.toBe(parent.traceparent);
    expect(startSpan('other').traceId).not.toBe(parent.traceId);
  });
});
