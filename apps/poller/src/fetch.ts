import { randomUUID } from 'node:crypto';
import type { Connector, KindDescription } from '@tributary/connector-kit';
import type { RawEvent, RawRef, RecordKind } from '@tributary/contracts';
import { startSpan } from '@tributary/telemetry';
import type { CallOutcome } from './call-metrics.ts';
import type { Access } from './connections.ts';
import type { AccountOwner } from './account-owner.ts';
import { judgeRead, type ReadLagSettings, type Seen } from './read-lag.ts';
import { readFromVendor, type ReadAnswer } from './vendor-read.ts';
import type { Work } from './work.repository.ts';

export interface FetchPorts {
  readonly connector: Connector;
  readonly readLag: ReadLagSettings;
  readonly callTimeoutMs: number;
  publish(event: RawEvent): Promise<RawRef>;
  onCall(outcome: CallOutcome, seconds: number): void;
  nowMicros(): number;
}

export interface Fetched {
  readonly raw: RawRef;
  readonly againAfterMs: number | null;
}

/** One read by id: stamped when it is sent, judged for lag, durable in Kafka when this returns. */
export async function fetchOnce(
  work: Work,
  { owner, access, signal }: { owner: AccountOwner; access: Access; signal: AbortSignal },
  ports: FetchPorts,
): Promise<Fetched> {
  const description = ports.connector.kinds[work.kind as RecordKind]!;
  const { baseUrl, token } = access;
  const { connector, callTimeoutMs: answerWithinMs } = ports;
  const span = startSpan('fetch', { parent: work.traceparent, kind: 'client' });
  const readStamp = await owner.nextStamp();
  const request = { connector, description, externalId: work.externalId, baseUrl, token, answerWithinMs };
  const answer = await timed(() => readFromVendor(request, signal), ports.onCall).finally(() => span.end());
  const verdict = judgeRead(
    seenIn(answer, description),
    work.expectation,
    { versions: description.versions, attempt: work.attempt },
    ports.readLag,
  );
  const raw = await ports.publish(
    toRawEvent({ ...work, traceparent: span.traceparent }, answer, {
      readStamp,
      receivedAt: ports.nowMicros(),
      atLeast: verdict.kind === 'insists' ? verdict.atLeast : null,
    }),
  );
  return { raw, againAfterMs: verdict.kind === 'again' ? verdict.afterMs : null };
}

async function timed<T>(call: () => Promise<T>, onCall: FetchPorts['onCall']): Promise<T> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  try {
    const answer = await call();
    onCall('answered', seconds());
    return answer;
  } catch (error) {
    onCall('unavailable', seconds());
    throw error;
  }
}

function seenIn({ status, body }: ReadAnswer, { read, map }: KindDescription): Seen {
  if (read.deleted.includes(status)) return { presence: 'deleted', version: 0 };
  if (read.notVisible.includes(status)) return { presence: 'not_visible', version: 0 };
  const result = map(parseJson(body));
  return { presence: 'observed', version: result.kind === 'mapped' ? (result.records[0]?.sourceVersion ?? 0) : 0 };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null; // the transformer parks it with its bytes
  }
}

function toRawEvent(
  work: Work,
  { status, body }: ReadAnswer,
  times: Pick<RawEvent, 'readStamp' | 'receivedAt' | 'atLeast'>,
): RawEvent {
  const { organizationId, connectionId, vendor, account, kind, externalId, lane, askedBy, traceparent } = work;
  return {
    eventId: randomUUID(),
    organizationId,
    connectionId,
    vendor,
    account,
    door: 'fetch',
    kind,
    externalId,
    status,
    lane,
    runId: null,
    askedBy,
    traceparent,
    headers: {},
    payload: body,
    ...times,
  };
}
