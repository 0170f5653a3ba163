import type { TopicSpec } from '@tributary/contracts';
import type { Schema } from 'avsc';
import { CodecError, createCodec } from './codec.ts';
import type { SchemaRow } from './schema-registry.ts';

const person = (...fields: object[]): Schema => ({
  type: 'record',
  name: 'Person',
  fields: [{ name: 'name', type: 'string' }, ...fields] as never,
});
const age = { name: 'age', type: ['null', 'long'], default: null };
const spec = (name: string, schema: Schema): TopicSpec => ({
  name,
  partitions: 1,
  config: {},
  schema,
  isPublic: false,
});
const row = (id: number, schema: Schema, subject = 't-value'): SchemaRow => ({
  subject,
  id,
  schema: JSON.stringify(schema),
});

describe('the codec', () => {
  const newer = createCodec([row(7, person()), row(8, person(age))], [spec('t', person(age))]);
  const older = createCodec([row(7, person()), row(8, person(age))], [spec('t', person())]);

  it('frames as Confluent does: a zero byte, the schema id, the body', () => {
    expect(older.encode('t', { name: 'Ada' })).toEqual(Buffer.from([0, 0, 0, 0, 7, 6, 0x41, 0x64, 0x61]));
  });

  it('reads what it wrote, also when it is larger than the shared buffer', () => {
    const name = 'x'.repeat(300_000);
    expect(newer.decode('t', newer.encode('t', { name, age: 3 }))).toEqual({ name, age: 3 });
    expect(newer.decode('t', newer.encode('t', { name: 'short', age: null }))).toEqual({ name: 'short', age: null });
  });

  it('reads older and newer writers as its own version', () => {
    expect(newer.decode('t', older.encode('t', { name: 'Ada' }))).toEqual({ name: 'Ada', age: null });
    expect(older.decode('t', newer.encode('t', { name: 'Ada', age: 36 }))).toEqual({ name: 'Ada' });
  });

  it.each([
    ['plain JSON', Buffer.from('{"name":"Ada"}')],
    ['nothing', Buffer.alloc(0)],
    ['an id nobody registered', Buffer.from([0, 0, 0, 1, 0, 2, 0x41])],
    ['a body that ends too early', Buffer.from([0, 0, 0, 0, 8, 200])],
  ])('refuses %s as the fault of the record', (_what, frame) => {
    expect(() => newer.decode('t', frame)).toThrow(CodecError);
  });

  it('refuses a value that the schema has no place for', () => {
    expect(() => newer.encode('t', { name: 1 })).toThrow(CodecError);
  });

  it('refuses to start on a schema that was never registered', () => {
    expect(() => createCodec([row(7, person())], [spec('t', person(age))])).toThrow(/not registered/);
  });
});
