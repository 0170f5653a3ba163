import { allConnectors, connectorOf } from '@tributary/connectors';
import { Failure } from '@tributary/contracts';
import { inTransaction, type Pool } from '@tributary/postgres';
import type { DataKey, Secret, Vault } from '@tributary/vault';

/** What a call on behalf of a connection needs. */
export interface Access {
  readonly baseUrl: string;
  readonly token: Secret;
  readonly status: string;
}

export interface ConnectionsOptions {
  readonly pool: Pool;
  readonly vault: Vault;
  /** By vendor, where the environment points a connector elsewhere. */
  readonly baseUrls: Readonly<Record<string, string>>;
  readonly keepMs: number;
  nowMs(): number;
}

export interface Connections {
  /** Null when the connection is gone. */
  accessOf(organizationId: string, connectionId: string): Promise<Access | null>;
}

interface Row {
  vendor: string;
  status: string;
  base_url: string | null;
  ciphertext: string | null;
  data_keys: DataKey[];
}

/** Reads connections with their tokens, and keeps them for a short while: a change shows within seconds. */
export function createConnections(options: ConnectionsOptions): Connections {
  const kept = new Map<string, { readonly untilMs: number; readonly access: Access | null }>();
  return {
    async accessOf(organizationId, connectionId) {
      const known = kept.get(connectionId);
      if (known && known.untilMs > options.nowMs()) return known.access;
      const access = await loadAccess(organizationId, connectionId, options);
      kept.set(connectionId, { untilMs: options.nowMs() + options.keepMs, access });
      return access;
    },
  };
}

async function loadAccess(
  organizationId: string,
  connectionId: string,
  options: ConnectionsOptions,
): Promise<Access | null> {
  const row = await inTransaction(options.pool, [organizationId], async (sql) => {
    const { rows } = await sql.query<Row>({
      name: 'connection-access',
      text: `select vendor, status, base_url,
               (select ciphertext from tributary.credential
                where connection_id = connection.id and purpose = 'grants' and field = ($2::jsonb) ->> vendor
                order by version desc limit 1) as ciphertext,
               coalesce((select jsonb_agg(jsonb_build_object('version', version, 'kekId', kek_id, 'wrapped', wrapped))
                from tributary.data_key
                where data_key.organization_id = connection.organization_id and purpose = 'grants'), '[]') as data_keys
             from tributary.connection where id = $1`,
      values: [connectionId, JSON.stringify(TOKEN_FIELDS)],
    });
    return rows[0];
  });
  if (!row) return null;
  const connector = connectorOf(row.vendor);
  if (!connector || !row.ciphertext) {
    throw new Failure('misconfigured', `Connection ${connectionId} has no token: add one to it`);
  }
  const place = { organizationId, connectionId, field: connector.credentials.token };
  return {
    baseUrl: row.base_url ?? options.baseUrls[row.vendor] ?? connector.api.baseUrl,
    token: options.vault.open({ ...place, ciphertext: row.ciphertext, dataKeys: row.data_keys }),
    status: row.status,
  };
}

const TOKEN_FIELDS = Object.fromEntries(allConnectors.map(({ vendor, credentials }) => [vendor, credentials.token]));
