import type { Connector, KindDescription } from '@tributary/connector-kit';
import { Failure } from '@tributary/contracts';
import type { Secret } from '@tributary/vault';
import { request } from 'undici';

export interface ReadRequest {
  readonly connector: Connector;
  readonly description: KindDescription;
  readonly externalId: string;
  readonly baseUrl: string;
  readonly token: Secret;
  readonly answerWithinMs: number;
}

export interface ReadAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Where a vendor refuses for now and does not say for how long. */
const DEFAULT_RETRY_AFTER_MS = 60_000;
const LONGEST_RETRY_AFTER_MS = 120_000;

/** The vendor did not answer the question: ask again, not before `afterMs` where it says so. */
export class VendorUnavailable extends Failure {
  constructor(
    message: string,
    readonly afterMs: number | null,
    cause?: unknown,
  ) {
    super('unavailable', message, { cause });
  }
}

/** One GET by id. Answers that prove something come back with their status; all others are `VendorUnavailable`. */
export async function readFromVendor(wanted: ReadRequest, signal: AbortSignal): Promise<ReadAnswer> {
  const { connector, description, externalId, baseUrl, token, answerWithinMs } = wanted;
  const url = new URL(`${baseUrl.replace(/\/$/, '')}${description.read.path(externalId)}`);
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
  const answer = await send(url, connector.api.authorization(token.reveal().toString()), inTime);
  const { deleted, notVisible } = description.read;
  const proves = [...deleted, ...notVisible].includes(answer.status);
  if (answer.status === 200 || proves || isRefusalForGood(answer.status)) return answer;
  throw new VendorUnavailable(`${connector.vendor} answered ${answer.status}`, answer.retryAfterMs);
}

/** 401 is about the connection, 408 and 429 about the moment; every other 4xx is about this request. */
function isRefusalForGood(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
}

async function send(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
  try {
    const {
      statusCode,
      headers: answered,
      body,
    } = await request(url, {
      headers: { accept: 'application/json', ...headers },
      signal,
    });
    const bytes = Buffer.from(await body.arrayBuffer());
    return { status: statusCode, body: bytes, retryAfterMs: retryAfterOf(statusCode, answered['retry-after']) };
  } catch (error) {
    throw new VendorUnavailable(`${url.host} does not answer`, null, error);
  }
}

function retryAfterOf(status: number, header: string | string[] | undefined): number | null {
  if (status !== 429 && status !== 503) return null;
  const seconds = Number(header);
  const afterMs = header !== undefined && Number.isFinite(seconds) ? seconds * 1000 : DEFAULT_RETRY_AFTER_MS;
  return Math.min(Math.max(afterMs, 0), LONGEST_RETRY_AFTER_MS);
}
