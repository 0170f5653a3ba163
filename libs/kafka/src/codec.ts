import { canonicalJson, type TopicSpec } from '@tributary/contracts';
import avro, { type Resolver, type Schema, type Type } from 'avsc';
import { subjectOf, type SchemaRow } from './schema-registry.ts';

/** The bytes are not what this topic holds: the record's own fault. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}

/** Confluent frame: a zero byte, the writer's schema id, the Avro body. */
export interface Codec {
  encode(topic: string, value: unknown): Buffer;
  /** Reads what any known version of the topic's schema wrote, as the version this program was built with. */
  decode<T>(topic: string, frame: Buffer): T;
}

const FRAME = 5;

interface TopicCodec {
  readonly type: Type;
  readonly id: number;
  readonly resolvers: Map<number, Resolver | null>;
}

export function createCodec(rows: readonly SchemaRow[], specs: readonly TopicSpec[]): Codec {
  const written = new Map(rows.map(({ id, schema }) => [id, schema]));
  const topics = new Map<string, TopicCodec>();
  for (const { name, schema } of specs) {
    if (schema !== null) topics.set(name, topicCodec(name, schema, rows));
  }
  const scratch = { buffer: Buffer.allocUnsafe(64 * 1024) };

  function known(topic: string): TopicCodec {
    const codec = topics.get(topic);
    if (!codec) throw new CodecError(`no schema for topic ${topic}`);
    return codec;
  }

  return {
    encode(topic, value) {
      const { type, id } = known(topic);
      const length = encodeInto(scratch, type, value, topic);
      scratch.buffer.writeUInt8(0, 0);
      scratch.buffer.writeInt32BE(id, 1);
      return Buffer.from(scratch.buffer.subarray(0, length));
    },
    decode<T>(topic: string, frame: Buffer): T {
      const codec = known(topic);
      if (frame.length < FRAME || frame[0] !== 0) throw new CodecError(`not an Avro frame on ${topic}`);
      const resolver = resolverFor(codec, frame.readInt32BE(1), topic, written);
      try {
        return (
          resolver
            ? codec.type.fromBuffer(frame.subarray(FRAME), resolver)
            : codec.type.fromBuffer(frame.subarray(FRAME))
        ) as T;
      } catch (error) {
        throw new CodecError(`broken Avro body on ${topic}: ${(error as Error).message}`, { cause: error });
      }
    },
  };
}

function topicCodec(topic: string, schema: Schema, rows: readonly SchemaRow[]): TopicCodec {
  const wanted = canonicalJson(schema);
  const row = rows.find(
    ({ subject, schema: text }) => subject === subjectOf(topic) && canonicalJson(JSON.parse(text)) === wanted,
  );
  if (!row) throw new CodecError(`the schema of ${topic} is not registered: run the migration step of this version`);
  return { type: avro.Type.forSchema(schema), id: row.id, resolvers: new Map([[row.id, null]]) };
}

/** Built once per writer's id; null where reader and writer are the same. */
function resolverFor(
  { type, resolvers }: TopicCodec,
  id: number,
  topic: string,
  written: ReadonlyMap<number, string>,
): Resolver | null {
  const found = resolvers.get(id);
  if (found !== undefined) return found;
  const schema = written.get(id);
  if (schema === undefined) throw new CodecError(`unknown schema id ${id} on ${topic}`);
  try {
    const resolver = type.createResolver(avro.Type.forSchema(JSON.parse(schema) as Schema));
    resolvers.set(id, resolver);
    return resolver;
  } catch (error) {
    throw new CodecError(`schema ${id} is foreign to ${topic}: ${(error as Error).message}`, { cause: error });
  }
}

/** Into the shared buffer behind the frame; a value that does not fit says how much it lacks. */
function encodeInto(scratch: { buffer: Buffer }, type: Type, value: unknown, topic: string): number {
  try {
    const end = type.encode(value, scratch.buffer, FRAME);
    if (end >= 0) return end;
    scratch.buffer = Buffer.allocUnsafe((scratch.buffer.length - end) * 2);
    return type.encode(value, scratch.buffer, FRAME);
  } catch (error) {
    throw new CodecError(`value does not fit the schema of ${topic}: ${(error as Error).message}`, { cause: error });
  }
}
