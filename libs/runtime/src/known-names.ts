import { distance } from './nearest.ts';

/** Every environment name of an installation, so that one environment can serve all services. */
export const KNOWN_NAMES: readonly string[] = [
  'DATABASE_URL',
  'MIGRATION_DATABASE_URL',
  'PGSSLROOTCERT',
  'KAFKA_BROKERS',
  'KAFKA_SSL',
  'KAFKA_SSL_CA',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'TOPIC_PREFIX',
  'SCHEMA_REGISTRY_URL',
  'SCHEMA_REGISTRY_USERNAME',
  'SCHEMA_REGISTRY_PASSWORD',
  'ENVIRONMENT',
  'HOST',
  'PORT',
  'OPS_PORT',
  'SERVICE_NAME',
  'PUBLIC_URL',
  'WEBHOOK_BASE_URL',
  'ENCRYPTION_KEY',
  'WEBHOOK_KEY',
  'SERVICE_KEY',
  'SECRET_KEY',
  'VENDORS',
  'ALLOW_WEAK_DURABILITY',
  'TRIBUTARY_VENDOR_SPECS',
  'LOG_LEVEL',
];

const OUR_PREFIXES = ['TRIBUTARY_', 'KAFKA_', 'SCHEMA_REGISTRY_'];
/** Shorter names are too near to names of others (HOME, HOST). */
const SHORTEST_GUESS = 8;

/** Sentences about names that are ours but unknown, or nearly ours; the rest of the environment is none of our business. */
export function strangeNames(present: readonly string[], known: readonly string[]): string[] {
  const all = new Set([...KNOWN_NAMES, ...known]);
  const unknown = present.map((name) => name.replace(/_FILE$/, '')).filter((name) => !all.has(name));
  return unknown.flatMap((name) => {
    const near = name.length < SHORTEST_GUESS ? undefined : [...all].find((candidate) => isNear(name, candidate));
    if (near) return [`${name} is not known: did you mean ${near}?`];
    return OUR_PREFIXES.some((prefix) => name.startsWith(prefix)) ? [`${name} is not known`] : [];
  });
}

/** At most two letters changed, added or left out, or one in names below twelve letters. */
function isNear(a: string, b: string): boolean {
  const allowed = a.length < 12 ? 1 : 2;
  return b.length >= SHORTEST_GUESS && Math.abs(a.length - b.length) <= allowed && distance(a, b) <= allowed;
}
