import type { Connector } from '@tributary/connector-kit';
import { RECORD_KINDS, type RecordKind } from '@tributary/contracts';
import { front } from './front/connector.ts';

export const allConnectors: readonly Connector[] = [front];

const byName = new Map(allConnectors.flatMap((connector) => namesOf(connector).map((name) => [name, connector])));

/** By the vendor's name or one of its aliases. */
export function connectorOf(name: string): Connector | undefined {
  return byName.get(name);
}

/** The kinds that some connector produces: only these have a topic. */
export function allKinds(): readonly RecordKind[] {
  return RECORD_KINDS.filter((kind) => allConnectors.some((connector) => connector.kinds[kind]));
}

function namesOf({ vendor, aliases }: Connector): readonly string[] {
  return [vendor, ...aliases];
}
