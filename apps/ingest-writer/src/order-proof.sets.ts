import { NO_CONTENT, orderKey, recordId, type NormalizedRecord, type Operation } from '@tributary/contracts';

export const ORGANIZATION = '33333333-3333-4333-8333-333333333333';
const CONNECTION = '44444444-4444-4444-8444-444444444444';
const OBSERVED_FROM = 1_700_000_000_000_000;

export interface Told {
  /** 0: a webhook. */
  readonly stamp: number;
  readonly version?: number;
  readonly text?: string;
  readonly mapping?: number;
  readonly operation?: Operation;
  readonly derived?: boolean;
}

export interface Expected {
  readonly row: string;
  /** mapping.version text first-last, in order. */
  readonly versions: string;
  readonly existence: string;
}

export const SETS: Readonly<Record<string, { readonly told: readonly Told[]; readonly expected: Expected }>> = {
  'with versions': {
    told: [
      { stamp: 100, version: 10, text: 'A' },
      { stamp: 200, version: 10, text: 'B' }, // the same version, other content
      { stamp: 250, version: 10, text: 'A' }, // and back
      { stamp: 0, version: 20, text: 'C' }, // a webhook
      { stamp: 300, operation: 'deleted' },
      { stamp: 400, version: 30, text: 'D' }, // made again
      { stamp: 400, version: 30, text: 'D re-mapped', mapping: 2, derived: true },
      { stamp: 500, version: 20, text: 'E' }, // the vendor lags
    ],
    expected: {
      row: 'D re-mapped 2.30 read 400, observed 500, not deleted',
      versions:
        '1.10 A 100-100, 1.10 B 200-200, 1.10 A 250-250, 1.20 C 0-0, 1.20 E 500-500, 1.30 D 400-400, 2.30 D re-mapped 400-400',
      existence: 'observed 100-250, deleted 300-300, observed 400-500',
    },
  },
  'without versions': {
    told: [
      { stamp: 100, text: 'A' },
      { stamp: 150, text: 'C' },
      { stamp: 200, text: 'A' },
      { stamp: 300, text: 'B' },
      { stamp: 400, text: 'A' },
      { stamp: 500, text: 'A' }, // read again, unchanged
      { stamp: 600, operation: 'not_visible' },
      { stamp: 700, operation: 'deleted' },
    ],
    expected: {
      row: 'A 1.0 read 500, deleted 700, deleted at 700',
      versions: '1.0 A 100-100, 1.0 C 150-150, 1.0 A 200-200, 1.0 B 300-300, 1.0 A 400-500',
      existence: 'observed 100-500, not_visible 600-600, deleted 700-700',
    },
  },
};

const checksums = new Map<string, string>();
const checksumOfText = (text: string): string => {
  const known = checksums.get(text) ?? Buffer.from(text.padEnd(16)).toString('hex').slice(0, 32);
  checksums.set(text, known);
  return known;
};

export function eventOf(externalId: string, told: Told): NormalizedRecord<'conversation'> {
  const { stamp, version = 0, text, mapping = 1, operation = 'observed', derived = false } = told;
  const identity = {
    organizationId: ORGANIZATION,
    vendor: 'acme',
    account: 'a',
    kind: 'conversation' as const,
    externalId,
  };
  const checksum = text === undefined ? '' : checksumOfText(text);
  const key = { sourceVersion: version, readStamp: stamp, mappingVersion: mapping, checksum };
  return {
    ...identity,
    ...key,
    id: recordId(identity),
    connectionId: CONNECTION,
    operation,
    existenceStamp: stamp,
    orderKey: text === undefined ? NO_CONTENT : orderKey(key),
    content: text === undefined ? null : ({ subject: text } as NormalizedRecord<'conversation'>['content']),
    visibility: 'public',
    customFields: '{}',
    relations: [],
    occurredAt: null,
    observedAt: OBSERVED_FROM + stamp,
    derived,
    runId: null,
    lineage: { topic: 'raw', partition: 0, offset: stamp, index: 0 },
  };
}

/** mulberry32: small, seeded, good enough to shuffle. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries()) {
    for (const rest of permutations(items.toSpliced(index, 1))) yield [item, ...rest];
  }
}

/** The second copy of each event falls anywhere among the others. */
export function doubled(told: readonly Told[], random: (below: number) => number): readonly Told[] {
  return told.reduce((all, one) => all.toSpliced(random(all.length + 1), 0, one), told);
}

/** Objects take turns at random, a few dozen at a time, so that a batch holds none, one or several events of an object. */
export function* interleaved(
  objects: readonly (readonly NormalizedRecord[])[],
  random: (below: number) => number,
): Generator<NormalizedRecord> {
  const waiting = objects.map((events) => [...events]);
  const active = waiting.splice(0, 150);
  while (active.length > 0) {
    const index = random(active.length);
    const event = active[index]?.shift();
    if (event) yield event;
    else active.splice(index, 1, ...waiting.splice(0, 1));
  }
}
