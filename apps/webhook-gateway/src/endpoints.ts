import type { DataKey, Secret } from '@tributary/vault';

/** A row of `tributary.list_webhook_endpoints()`. */
export interface EndpointRow {
  readonly connection_id: string;
  readonly organization_id: string;
  readonly vendor: string;
  readonly account: string;
  readonly status: string;
  readonly secrets: readonly { readonly field: string; readonly ciphertext: string }[];
  readonly data_keys: readonly DataKey[];
}

export interface Endpoint {
  readonly connectionId: string;
  readonly organizationId: string;
  readonly vendor: string;
  readonly account: string;
  readonly status: string;
  /** Null: they cannot be opened, so nothing can be judged. */
  readonly secrets: readonly Buffer[] | null;
}

export interface EndpointPorts {
  load(): Promise<readonly EndpointRow[]>;
  open(sealed: {
    readonly organizationId: string;
    readonly connectionId: string;
    readonly field: string;
    readonly ciphertext: string;
    readonly dataKeys: readonly DataKey[];
  }): Secret;
  onUnreadable(connectionId: string, error: unknown): void;
}

export interface Endpoints {
  /** False until the first load: what is unknown then is not unknown for good. */
  readonly isLoaded: boolean;
  find(connectionId: string): Endpoint | undefined;
  /** Rejects while the database is away; what was loaded goes on serving. */
  refresh(): Promise<void>;
}

interface Held {
  readonly fingerprint: string;
  readonly endpoint: Endpoint;
}

/** All connections that can receive webhooks, in memory. A secret is opened once per change, not once per refresh. */
export function createEndpoints(ports: EndpointPorts): Endpoints {
  let held: ReadonlyMap<string, Held> | null = null;
  return {
    get isLoaded() {
      return held !== null;
    },
    find: (connectionId) => held?.get(connectionId)?.endpoint,
    async refresh() {
      const rows = await ports.load();
      const before = held;
      held = new Map(rows.map((row) => [row.connection_id, hold(row, before?.get(row.connection_id), ports)]));
    },
  };
}

function hold(row: EndpointRow, before: Held | undefined, ports: EndpointPorts): Held {
  const fingerprint = JSON.stringify(row);
  if (before?.fingerprint === fingerprint) return before;
  const endpoint: Endpoint = {
    connectionId: row.connection_id,
    organizationId: row.organization_id,
    vendor: row.vendor,
    account: row.account,
    status: row.status,
    secrets: openAll(row, ports),
  };
  return { fingerprint, endpoint };
}

function openAll(row: EndpointRow, { open, onUnreadable }: EndpointPorts): readonly Buffer[] | null {
  const { connection_id: connectionId, organization_id: organizationId, data_keys: dataKeys } = row;
  try {
    return row.secrets.map(({ field, ciphertext }) =>
      open({ organizationId, connectionId, field, ciphertext, dataKeys }).reveal(),
    );
  } catch (error) {
    onUnreadable(connectionId, error);
    return null;
  }
}
