import { Failure, isFailure } from '@tributary/contracts';

/** Codes of the network and of node that mean: nobody answers there now. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** SQLSTATE classes: 08 connection, 53 out of resources (disk, memory, connections), 58 the machine under Postgres. */
const AWAY_CLASSES = new Set(['08', '53', '58']);
const AWAY_STATES = new Set([
  '25006', // read only: a standby, or a primary that is being demoted
  '40001', // serialization failure
  '40P01', // deadlock: one of the two is told to come back
  '55P03', // lock timeout
  '57014', // statement timeout
  '57P01', // shutdown
  '57P02', // crash of another backend
  '57P03', // starting up
  '57P05', // idle session ended
]);
/** Wrong password, no such role, no such database: only a person can mend these. */
const SETTING_STATES = new Set(['28000', '28P01', '3D000']);

/** 22: a value Postgres cannot take; 23: a row against a constraint. The record's own fault, whoever else passes. */
const DATA_CLASSES = new Set(['22', '23']);

/** What pg says without a code. */
const AWAY_WORDS =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|not queryable/i;

export function isUnavailable(error: unknown): boolean {
  if (isFailure(error)) return error.kind === 'unavailable';
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error && AWAY_WORDS.test(error.message);
  return NETWORK.has(code) || AWAY_STATES.has(code) || (isSqlState(code) && AWAY_CLASSES.has(code.slice(0, 2)));
}

/** True where Postgres refused the data itself: repeating it cannot help. */
export function isDataFault(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && isSqlState(code) && DATA_CLASSES.has(code.slice(0, 2));
}

/** Turns what pg throws into the closed list of failures; what is not the world's fault passes unchanged. */
export function translate(error: unknown): unknown {
  if (isFailure(error)) return error;
  if (isUnavailable(error)) return new Failure('unavailable', `Postgres: ${messageOf(error)}`, { cause: error });
  const code = codeOf(error);
  if (code !== undefined && SETTING_STATES.has(code)) {
    return new Failure('misconfigured', `Postgres refused the login: ${messageOf(error)}`, { cause: error });
  }
  return error;
}

export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code);

/** A refused connection to several addresses is an AggregateError without words of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
