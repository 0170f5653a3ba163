const POLYNOMIAL = 0x82f63b78; // Castagnoli, bits reversed

/** `TABLES[n][b]`: what the byte b has become once n zero bytes have followed it. */
const TABLES = tablesFor(8);
const [AT_0, AT_1, AT_2, AT_3, AT_4, AT_5, AT_6, AT_7] = TABLES as Tables;

type Tables = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** The checksum of a record batch, eight bytes a step (slicing-by-8): a byte a step, as kafkajs does it, takes three times as long. */
export function crc32c(bytes: Uint8Array): number {
  const whole = bytes.length - (bytes.length % 8);
  let crc = -1;
  for (let at = 0; at < whole; at += 8) {
    crc =
      AT_7[(crc ^ bytes[at]!) & 0xff]! ^
      AT_6[((crc >>> 8) ^ bytes[at + 1]!) & 0xff]! ^
      AT_5[((crc >>> 16) ^ bytes[at + 2]!) & 0xff]! ^
      AT_4[(crc >>> 24) ^ bytes[at + 3]!]! ^
      AT_3[bytes[at + 4]!]! ^
      AT_2[bytes[at + 5]!]! ^
      AT_1[bytes[at + 6]!]! ^
      AT_0[bytes[at + 7]!]!;
  }
  for (let at = whole; at < bytes.length; at += 1) crc = AT_0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function tablesFor(count: number): Int32Array[] {
  const tables = [Int32Array.from({ length: 256 }, (_, byte) => afterEightBits(byte))];
  for (let n = 1; n < count; n += 1) tables.push(tables[n - 1]!.map((crc) => tables[0]![crc & 0xff]! ^ (crc >>> 8)));
  return tables;
}

function afterEightBits(byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  return crc;
}
