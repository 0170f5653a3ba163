import type { Body, Evidence } from './evidence.ts';

/** One object of the vendor: every state it ever had, in order; null where it was gone. */
export interface VendorObject {
  readonly organizationId: string;
  readonly account: string;
  readonly kind: string;
  readonly id: string;
  readonly states: readonly (Body | null)[];
  /** When its first state was shown at the latest. */
  readonly shownAtMs: number;
  readonly lags: boolean;
}

export const objectKey = (organizationId: string, kind: string, id: string): string =>
  `${organizationId}/${kind}/${id}`;

export function vendorObjects({ accounts }: Pick<Evidence, 'accounts'>): Map<string, VendorObject> {
  const objects = new Map<string, VendorObject & { states: (Body | null)[] }>();
  for (const { organizationId, account, ledger, readLagMs } of accounts) {
    for (const entry of ledger) {
      if (entry.type !== 'change') continue;
      const { kind, id, version } = entry;
      const key = objectKey(organizationId, kind, id);
      const shownAtMs = version.atMs + readLagMs;
      const known = objects.get(key) ?? {
        organizationId,
        account,
        kind,
        id,
        states: [],
        shownAtMs,
        lags: readLagMs > 0,
      };
      known.states.push(version.body);
      objects.set(key, known);
    }
  }
  return objects;
}

export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export const nameOf = ({ kind, externalId }: { readonly kind: string; readonly externalId: string }): string =>
  `${kind} ${externalId}`;
