/** The part of Avro that our schemas use, read with the writer's own schema; written here so that the judge trusts no codec of the product. */
export type Schema = string | readonly Schema[] | SchemaObject;
interface SchemaObject {
  readonly type: Schema;
  readonly name?: string;
  readonly fields?: readonly { readonly name: string; readonly type: Schema }[];
  readonly items?: Schema;
  readonly values?: Schema;
}

const FRAME = 5;

/** A Confluent frame: a zero byte, the schema's id, the body. */
export function schemaIdOf(frame: Buffer): number | null {
  return frame.length >= FRAME && frame[0] === 0 ? frame.readInt32BE(1) : null;
}

export function decodeFrame(frame: Buffer, schema: Schema): unknown {
  const reader = new Reader(frame.subarray(FRAME), namesIn(schema));
  const value = reader.read(schema);
  if (!reader.isAtEnd) throw new Error('bytes are left behind the Avro body');
  return value;
}

const known = new WeakMap<object, Map<string, Schema>>();

/** A name may be used where its definition, in a branch not taken, was never read. */
function namesIn(schema: Schema): Map<string, Schema> {
  if (typeof schema === 'string') return new Map();
  const before = known.get(schema);
  if (before) return before;
  const { type, name, fields, items, values } = schema as SchemaObject;
  const inner = Array.isArray(schema)
    ? (schema as readonly Schema[])
    : [type, items, values, ...(fields ?? []).map((field) => field.type)];
  const names = new Map(inner.filter((one) => one !== undefined).flatMap((one) => [...namesIn(one!)]));
  if (name !== undefined && fields) names.set(name, schema);
  known.set(schema, names);
  return names;
}

class Reader {
  readonly #named: ReadonlyMap<string, Schema>;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer, named: ReadonlyMap<string, Schema>) {
    this.#bytes = bytes;
    this.#named = named;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  read(schema: Schema): unknown {
    if (typeof schema === 'string') return this.#primitive(schema);
    if (Array.isArray(schema)) return this.read((schema as readonly Schema[])[this.#long()]!);
    const { type, fields, items, values } = schema as SchemaObject;
    if (type === 'record') return Object.fromEntries(fields!.map((field) => [field.name, this.read(field.type)]));
    if (type === 'array') return this.#blocks(() => this.read(items!));
    if (type === 'map') return Object.fromEntries(this.#blocks(() => [this.#text(), this.read(values!)] as const));
    return this.read(type);
  }

  #primitive(name: string): unknown {
    switch (name) {
      case 'null':
        return null;
      case 'boolean':
        return this.#bytes[this.#at++] === 1;
      case 'int':
      case 'long':
        return this.#long();
      case 'string':
        return this.#text();
      case 'bytes':
        return this.#slice();
    }
    const named = this.#named.get(name);
    if (named === undefined) throw new Error(`Avro type ${name} is not known`);
    return this.read(named);
  }

  #long(): number {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = this.#bytes[this.#at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return Number((value >> 1n) ^ -(value & 1n));
      shift += 7n;
    }
  }

  #slice(): Buffer {
    const length = this.#long();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #text(): string {
    return this.#slice().toString('utf8');
  }

  #blocks<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let count = this.#long(); count !== 0; count = this.#long()) {
      if (count < 0) this.#long(); // the block's size in bytes
      for (let left = Math.abs(count); left > 0; left -= 1) items.push(item());
    }
    return items;
  }
}
