/**
 * The total order of a record's content: source version, read stamp, mapping version, checksum.
 * Big-endian, so that comparing bytes (here, in Postgres `bytea`, in Python) compares the tuple.
 */
export interface OrderKeyParts {
  /** The vendor's time in microseconds, or 0 where the vendor has none. */
  readonly sourceVersion: number;
  /** When the request to the vendor was sent, in microseconds, unique in the vendor account; 0 for webhooks. */
  readonly readStamp: number;
  readonly mappingVersion: number;
  /** 32 hex digits. */
  readonly checksum: string;
}

const LENGTH = 8 + 8 + 4 + 16;

/** The key of a record without content: lower than any other. */
export const NO_CONTENT: Buffer = Buffer.alloc(0);

export function orderKey({ sourceVersion, readStamp, mappingVersion, checksum }: OrderKeyParts): Buffer {
  const key = Buffer.alloc(LENGTH);
  key.writeBigUInt64BE(BigInt(sourceVersion), 0);
  key.writeBigUInt64BE(BigInt(readStamp), 8);
  key.writeUInt32BE(mappingVersion, 16);
  key.write(checksum, 20, 'hex');
  return key;
}

export function readOrderKey(key: Buffer): OrderKeyParts {
  return {
    sourceVersion: Number(key.readBigUInt64BE(0)),
    readStamp: Number(key.readBigUInt64BE(8)),
    mappingVersion: key.readUInt32BE(16),
    checksum: key.toString('hex', 20, LENGTH),
  };
}

export const compareOrderKeys = (a: Buffer, b: Buffer): number => Buffer.compare(a, b);
