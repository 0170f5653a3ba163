import { compareOrderKeys, NO_CONTENT, type NormalizedRecord } from '@tributary/contracts';

/** What comes with a content and is replaced with it. */
export type Body = Pick<
  NormalizedRecord,
  'content' | 'visibility' | 'customFields' | 'relations' | 'occurredAt' | 'observedAt' | 'runId' | 'lineage'
>;

/** A row of `record`: two registers, each with a total order, so that merging commutes. */
export interface Row extends Omit<NormalizedRecord, keyof Body | 'derived'> {
  /** Null: as it stands in the database, not loaded. */
  readonly body: Body | null;
  /** Observed time of the last change that a reader can see, in microseconds. */
  readonly recordedAt: number;
}

export function rowOf(event: NormalizedRecord): Row {
  const row: Row = {
    ...identityOf(event),
    ...contentKeyOf(event),
    ...existenceOf(event),
    body: bodyOf(event),
    recordedAt: event.observedAt,
  };
  return event.existenceStamp > 0 ? row : { ...row, operation: 'observed' }; // stamp 0 says nothing about existence
}

/** Content with a higher key wins, existence with a higher or equal stamp; the two are independent. */
export function merge(row: Row | undefined, event: NormalizedRecord): Row {
  if (!row) return rowOf(event);
  const takesContent = compareOrderKeys(event.orderKey, row.orderKey) > 0;
  const takesExistence = event.existenceStamp > 0 && event.existenceStamp >= row.existenceStamp;
  if (!takesContent && !takesExistence) return row;

  // The same content read again moves the key and nothing else.
  const changesContent = takesContent && !isSameContent(row, event);
  const changesExistence = takesExistence && event.operation !== row.operation;
  // The connection that last saw the object judges its disappearance.
  const connectionId = takesExistence || row.existenceStamp === 0 ? event.connectionId : row.connectionId;
  return {
    ...row,
    connectionId,
    ...(takesContent && contentKeyOf(event)),
    ...(takesExistence && existenceOf(event)),
    ...(changesContent && { body: bodyOf(event) }),
    ...((changesContent || changesExistence) && { recordedAt: Math.max(row.recordedAt, event.observedAt) }),
  };
}

/** True where the event alone says what the row is: nothing to repair on the compacted topic. */
export function says(event: NormalizedRecord, row: Row): boolean {
  return (
    event.orderKey.equals(row.orderKey) &&
    event.existenceStamp === row.existenceStamp &&
    event.operation === row.operation
  );
}

/** The merged state as an event: both registers with their keys. It never asks for a fetch. */
export function repairOf({ body, recordedAt: _, ...registers }: Row & { readonly body: Body }): NormalizedRecord {
  return { ...registers, ...body, derived: true };
}

/**
 * - `differs`: a webhook and another observation of the same version disagree; between two reads the later one is right
 * - `older`: the later read shows the lower version: lag, or the vendor restored an older state
 * - `contradicts`: a webhook shows content of an object that a read found gone
 */
export type Doubt = 'differs' | 'older' | 'contradicts';

/** Why the vendor must be asked again. Either order of arrival raises the doubt; what was derived from known events never does. */
export function doubtOf(row: Row | undefined, event: NormalizedRecord): Doubt | undefined {
  if (!row || event.derived) return undefined;
  if (contradicts(row, event)) return 'contradicts';
  if (!hasContent(row) || !hasContent(event) || event.sourceVersion === 0 || row.sourceVersion === 0) return undefined;
  if (event.sourceVersion === row.sourceVersion) {
    const isBetweenReads = event.readStamp > 0 && row.readStamp > 0;
    return event.checksum !== row.checksum && !isBetweenReads ? 'differs' : undefined;
  }
  return isOlderRead(row, event) ? 'older' : undefined;
}

function contradicts(row: Row, event: NormalizedRecord): boolean {
  const isGone = row.operation !== 'observed';
  if (event.readStamp === 0 && hasContent(event)) return isGone;
  // The other way round: the read that finds the object gone meets content that only a webhook has shown. Its repeat finds the row gone already.
  const findsGone = event.existenceStamp > row.existenceStamp && event.operation !== 'observed';
  return findsGone && !isGone && hasContent(row) && row.readStamp === 0;
}

/** Of two observations with different versions: is the later read the lower one? */
function isOlderRead(row: Row, event: NormalizedRecord): boolean {
  if (event.readStamp === 0) return missedByRead(row, event);
  if (event.sourceVersion < row.sourceVersion) return event.readStamp > row.readStamp;
  // The row's last read may have lost its content, but it saw no higher version than the row has.
  return row.operation === 'observed' && event.readStamp < Math.max(row.readStamp, row.existenceStamp);
}

/** A webhook newer than the row is the ordinary case, unless the row's last read was sent after that version and did not show it. */
function missedByRead(row: Row, event: NormalizedRecord): boolean {
  return (
    event.sourceVersion > row.sourceVersion && row.operation === 'observed' && row.existenceStamp >= event.sourceVersion
  );
}

const hasContent = ({ orderKey }: Pick<Row, 'orderKey'>): boolean => orderKey.length > NO_CONTENT.length;

const isSameContent = (row: Row, event: NormalizedRecord): boolean =>
  hasContent(row) && event.checksum === row.checksum && event.mappingVersion === row.mappingVersion;

const identityOf = ({ id, organizationId, connectionId, vendor, account, kind, externalId }: NormalizedRecord) => ({
  id,
  organizationId,
  connectionId,
  vendor,
  account,
  kind,
  externalId,
});

const contentKeyOf = ({ orderKey, sourceVersion, readStamp, mappingVersion, checksum }: NormalizedRecord) => ({
  orderKey,
  sourceVersion,
  readStamp,
  mappingVersion,
  checksum,
});

const existenceOf = ({ operation, existenceStamp }: NormalizedRecord) => ({ operation, existenceStamp });

const bodyOf = (event: NormalizedRecord): Body => ({
  content: event.content,
  visibility: event.visibility,
  customFields: event.customFields,
  relations: event.relations,
  occurredAt: event.occurredAt,
  observedAt: event.observedAt,
  runId: event.runId,
  lineage: event.lineage,
});
