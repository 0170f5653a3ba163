import type { Connector } from '@tributary/connector-kit';
import {
  ConnectionEntity,
  CredentialEntity,
  DataKeyEntity,
  type Connection,
  type ControlPlane,
  type Purpose,
} from '@tributary/postgres/control-plane';
import type { DataKey, Vault } from '@tributary/vault';

type Manager = Parameters<Parameters<ControlPlane['transaction']>[1]>[0];

export interface NewConnection {
  readonly vaults: Readonly<Record<Purpose, Vault>>;
  readonly connector: Connector;
  readonly connection: Pick<Connection, 'id' | 'organizationId' | 'account' | 'name'>;
  /** By the field names of the connector. */
  readonly credentials: Readonly<Record<string, string>>;
}

/** Stores an active connection and its sealed credentials in one transaction; the same id again changes nothing but the secrets. */
export async function connect(plane: ControlPlane, wanted: NewConnection): Promise<void> {
  const { connector, connection, credentials } = wanted;
  const { token, webhookSecrets } = connector.credentials;
  await plane.transaction([connection.organizationId], async (manager) => {
    const row: Connection = { ...connection, vendor: connector.vendor, status: 'active' };
    await manager.createQueryBuilder().insert().into(ConnectionEntity).values(row).orIgnore().execute();
    await sealInto(manager, wanted, 'grants', { [token]: credentials[token] });
    await sealInto(
      manager,
      wanted,
      'webhooks',
      Object.fromEntries(webhookSecrets.map((name) => [name, credentials[name]])),
    );
  });
}

async function sealInto(
  manager: Manager,
  { vaults, connection }: NewConnection,
  purpose: Purpose,
  secrets: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { id: connectionId, organizationId } = connection;
  const dataKey = await dataKeyOf(manager, organizationId, purpose, vaults[purpose]);
  for (const [field, secret] of Object.entries(secrets)) {
    if (secret === undefined) continue;
    const plaintext = Buffer.from(secret);
    const ciphertext = vaults[purpose].seal(
      { organizationId, connectionId, field },
      { version: 1, plaintext },
      dataKey,
    );
    const row = { connectionId, organizationId, purpose, field, version: 1, ciphertext };
    await manager.upsert(CredentialEntity, row, ['connectionId', 'purpose', 'field', 'version']);
  }
}

async function dataKeyOf(manager: Manager, organizationId: string, purpose: Purpose, vault: Vault): Promise<DataKey> {
  const fresh = { ...vault.newDataKey(organizationId, 1), organizationId, purpose };
  await manager.createQueryBuilder().insert().into(DataKeyEntity).values(fresh).orIgnore().execute();
  return manager.findOneOrFail(DataKeyEntity, { where: { organizationId, purpose }, order: { version: 'desc' } });
}
