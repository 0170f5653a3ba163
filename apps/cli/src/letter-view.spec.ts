import { CodecError, type Codec, type Message } from '@tributary/kafka';
import type { DeadLetter } from '@tributary/postgres/control-plane';
import fc from 'fast-check';
import { harmless, open, readable, show } from './letter-view.ts';

const letter = { originTopic: 'raw' } as DeadLetter;
const messageOf = (value: Buffer | null) => ({ headers: { stage: 'write' }, value }) as unknown as Message;
const codecOf = (decode: (frame: Buffer) => unknown) =>
  ({ decode: (_topic: string, frame: Buffer) => decode(frame) }) as unknown as Codec;

describe('bytes on the screen', () => {
  it('are text where the text is the same bytes, else base64', () => {
    expect(show(Buffer.from('{"type":"مرحبا","conv'))).toEqual({ utf8: '{"type":"مرحبا","conv' });
    expect(show(Buffer.from([0xff, 0]))).toEqual({ base64: '/wA=' });
  });

  it('can always be had back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (array) => {
        const shown = show(Buffer.from(array));
        const back = 'utf8' in shown ? Buffer.from(shown.utf8) : Buffer.from(shown.base64, 'base64');
        expect([...back]).toEqual([...array]);
      }),
    );
  });

  it('cannot steer the terminal', () => {
    expect(harmless('a\u001b[2J\u009bb\n\tمرحبا')).toBe('a\ufffd[2J\ufffdb\n\tمرحبا');
  });

  it('are shown wherever they stand in a value', () => {
    expect(readable({ a: 1, payload: Buffer.from('x'), list: [{ key: Buffer.from([255]) }], none: null })).toEqual({
      a: 1,
      payload: { utf8: 'x' },
      list: [{ key: { base64: '/w==' } }],
      none: null,
    });
  });
});

describe('a dead letter that is opened', () => {
  it('shows its bytes beside what they say', () => {
    const codec = codecOf((frame) => ({ payload: frame }));
    expect(open(messageOf(Buffer.from('hello')), letter, codec)).toEqual({
      headers: { stage: 'write' },
      raw: { utf8: 'hello' },
      decoded: { payload: { utf8: 'hello' } },
      undecodable: null,
    });
  });

  it('says why nobody can read it', () => {
    const codec = codecOf(() => {
      throw new CodecError('not an Avro frame on raw');
    });
    expect(open(messageOf(Buffer.from([255])), letter, codec)).toMatchObject({
      raw: { base64: '/w==' },
      decoded: null,
      undecodable: 'not an Avro frame on raw',
    });
    expect(open(messageOf(null), letter, codec)).toMatchObject({ raw: null, undecodable: 'no value' });
  });
});
