import { letterId } from '@tributary/contracts';
import { backToOrigin, readLetter, type Message } from './index.ts';

const ABOUT = { topic: 'raw', partition: '2', offset: '7', stage: 'transform', class: 'transient', reason: 'odd' };
const BY = { app: 'transformer', version: '1.2.3' };
const letterWith = (headers: Record<string, string>): Message => ({
  topic: 'failed',
  partition: 0,
  offset: 1,
  key: 'k',
  value: Buffer.from([0, 255]),
  headers,
  timestamp: 0,
});
const buried = letterWith({ ...ABOUT, ...BY, attempt: '1', traceparent: '00-x' });
const without = (name: string) =>
  letterWith(Object.fromEntries(Object.entries(buried.headers).filter(([header]) => header !== name)));

describe('a dead letter', () => {
  it('says in its headers where the original was, and is known by that place', () => {
    const origin = { topic: 'raw', partition: 2, offset: 7 };
    expect(readLetter(buried)).toEqual({
      id: letterId(origin),
      stage: 'transform',
      class: 'transient',
      reason: 'odd',
      origin,
      attempt: 1,
      ...BY,
    });
  });

  it('goes back with its bytes, its key and its own headers, and is the same letter when it dies at another place', () => {
    const letter = readLetter(buried)!;
    const sent = backToOrigin(buried, letter);
    expect(sent).toEqual({
      topic: 'raw',
      key: 'k',
      value: buried.value,
      headers: { traceparent: '00-x', letter: letter.id, attempt: '2' },
    });
    const again = readLetter(letterWith({ ...(sent.headers as object), ...ABOUT, ...BY, offset: '90' }));
    expect(again).toMatchObject({ id: letter.id, attempt: 2, origin: { offset: 90 } });
  });

  it('counts as permanent where it was buried without a class', () => {
    expect(readLetter(without('class'))).toMatchObject({ class: 'permanent' });
  });

  it.each(['topic', 'partition', 'offset', 'stage', 'attempt'])('is none without its %s', (name) => {
    expect(readLetter(without(name))).toBeNull();
  });
});
