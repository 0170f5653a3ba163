/** Reads fields of any JSON without ever throwing: what is not of the wanted type reads as null, or as nothing. */
export interface Reader {
  /** True if every field is present, even as null: absent is not empty. */
  has(...fields: string[]): boolean;
  string(field: string): string | null;
  boolean(field: string): boolean;
  number(field: string): number | null;
  /** Seconds with decimals to microseconds; vendors keep milliseconds at most, and floats need the rounding. */
  microseconds(field: string): number | null;
  child(field: string): Reader | null;
  children(field: string): readonly Reader[];
  strings(field: string): readonly string[];
  object(field: string): Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;

export function reader(payload: unknown): Reader {
  const json = asObject(payload) ?? {};
  const items = (field: string): readonly unknown[] => (Array.isArray(json[field]) ? json[field] : []);
  const number = (field: string): number | null => {
    const value = json[field];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  return {
    has: (...fields) => fields.every((field) => Object.hasOwn(json, field)),
    string: (field) => asString(json[field]),
    boolean: (field) => json[field] === true,
    number,
    microseconds: (field) => toMicroseconds(number(field)),
    child: (field) => (asObject(json[field]) ? reader(json[field]) : null),
    children: (field) => items(field).filter(asObject).map(reader),
    strings: (field) => items(field).filter((item) => typeof item === 'string'),
    object: (field) => cleaned(asObject(json[field]) ?? {}) as Json,
  };
}

/** Beyond this a number is no time of any vendor and would not fit an order key. */
const LATEST_SECONDS = 8_000_000_000;

function toMicroseconds(seconds: number | null): number | null {
  if (seconds === null || seconds < 0 || seconds > LATEST_SECONDS) return null;
  return Math.round(seconds * 1000) * 1000;
}

function asObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return asString(value);
  if (Array.isArray(value)) return value.map(cleaned);
  const object = asObject(value);
  return object
    ? Object.fromEntries(Object.entries(object).map(([key, member]) => [asString(key), cleaned(member)]))
    : value;
}

/** Postgres text holds no NUL, and a lone surrogate is no text at all: both are dropped where they enter. */
function asString(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  return value.includes('\0') || !value.isWellFormed() ? value.replaceAll('\0', '').toWellFormed() : value;
}
