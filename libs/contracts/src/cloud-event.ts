import { changeEventId } from './identity.ts';
import type { NormalizedRecord } from './record.ts';

const SPEC_VERSION = Buffer.from('1.0');

/** Headers of a public topic: the four that CloudEvents requires, and the trace. */
export function cloudEventHeaders(
  record: NormalizedRecord,
  traceparent: string,
): Readonly<Record<string, string | Buffer>> {
  return {
    ce_specversion: SPEC_VERSION,
    ce_id: changeEventId(record),
    ce_source: `/tributary/${record.organizationId}/${record.vendor}/${record.account}`,
    ce_type: `tributary.${record.kind}.${record.operation}`,
    ...(traceparent && { traceparent }),
  };
}
