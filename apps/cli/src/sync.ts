import type { Connector } from '@tributary/connector-kit';
import { connectorOf } from '@tributary/connectors';
import { Failure } from '@tributary/contracts';
import { postgresUrl } from '@tributary/embedded';
import { createPool } from '@tributary/postgres';
import { nearest } from '@tributary/runtime/nearest';
import { connectionsOf, databaseTime, publish, untilRead, type Connection } from './fetch-order.ts';
import { installationAt, secretsOf } from './installation.ts';
import { portsFrom } from './ports.ts';
import { isUp, readState } from './state.ts';
import { dataOption } from './up.ts';
import { WrongUse, type Options, type Verb } from './verb.ts';

/** A vendor by any of its names stands for its only connection; of several, one must be chosen by its id. */
export function chosen(word: string, connections: readonly Connection[]): Connection {
  const byId = connections.find(({ id }) => id === word);
  if (byId) return byId;
  const vendor = connectorOf(word)?.vendor;
  const ofVendor = connections.filter((connection) => connection.vendor === vendor);
  if (ofVendor.length === 1) return ofVendor[0]!;
  const all = connections.map(({ id, vendor: name }) => `${name} (${id})`).join(', ');
  if (ofVendor.length > 1) throw new WrongUse(`${word} has several connections: choose one by its id of ${all}.`);
  throw new WrongUse(
    `There is no connection ${word}. ${connections.length === 0 ? 'None was made yet.' : `There is ${all}.`}`,
  );
}

export function kindOf(resource: string, { vendor, kinds }: Connector): string {
  const found = Object.entries(kinds).find(([kind, { resource: plural }]) => resource === plural || resource === kind);
  if (found) return found[0];
  const known = Object.values(kinds).map(({ resource: plural }) => plural);
  const near = nearest(resource, known);
  throw new WrongUse(
    `${vendor} has no resource ${resource}. ${near ? `Did you mean ${near}?` : `It has ${known.join(', ')}.`}`,
  );
}

export function idsOf(text: unknown): readonly string[] {
  const ids = [...new Set(String(text ?? '').split(','))].map((id) => id.trim()).filter(Boolean);
  if (ids.length === 0) throw new WrongUse('Name the objects by the vendor’s own ids: --ids a,b');
  return ids;
}

function print(options: Options, { vendor }: Connection, ids: readonly string[]): void {
  const state = options.wait === true ? 'read' : 'asked';
  if (options.json === true) {
    const items = ids.map((id) => ({ id, state }));
    console.log(JSON.stringify({ items, nextCursor: null }, null, 2));
  } else console.log(`${state}: ${ids.length} of ${vendor} ${String(options.resource)}`);
}

export const sync: Verb = {
  summary: 'Reads objects from the vendor now',
  usage: `<vendor-or-connection> --resource R --ids a,b [--wait] [--json] [--data DIR]

  --resource R  the vendor's plural: messages, conversations
  --ids a,b     the vendor's own ids
  --wait        come back when the vendor has answered for each and the answers are durable`,
  options: {
    ...dataOption,
    resource: { type: 'string' },
    ids: { type: 'string' },
    wait: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  positionals: { min: 1, max: 1 },
  async run(options, [word]) {
    const installation = installationAt(options.data as string | undefined);
    const ids = idsOf(options.ids);
    if (options.resource === undefined) throw new WrongUse('Name what to read: --resource R');
    const state = readState(installation);
    if (!isUp(state)) throw new Failure('unavailable', 'Tributary is not running: `tributary up` starts it.');
    const { serviceLogins } = secretsOf(installation);
    const url = postgresUrl(portsFrom(state.portBase).stack.postgres, 'tributary_admin', serviceLogins.tributary_admin);
    const pool = createPool(url, { max: 2, applicationName: 'tributary sync' });
    try {
      const connection = chosen(word!, await connectionsOf(pool));
      const kind = kindOf(options.resource as string, connectorOf(connection.vendor)!);
      const order = { connection, kind, ids, requestedAt: await databaseTime(pool) };
      await publish(pool, [state.urls.kafka!], order);
      if (options.wait === true) await untilRead(pool, order);
      print(options, connection, ids);
      return 0;
    } finally {
      await pool.end();
    }
  },
};
