import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  ConnectionEntity,
  CredentialEntity,
  DataKeyEntity,
  openControlPlane,
  OrganizationEntity,
  type ControlPlane,
  type Purpose,
} from '@tributary/postgres/control-plane';
import { createVault, parseKeyRing, type Vault } from '@tributary/vault';
import type { Rig } from './rig.ts';

export interface Organization {
  readonly id: string;
  readonly connectionId: string;
  /** The simulator's name of the account, and the vendor's. */
  readonly name: string;
  readonly account: string;
  readonly settings: AccountSettings;
  /** Its token and signing key: planted, to be looked for where they must not be. */
  readonly canaries: readonly string[];
}

export interface AccountSettings {
  readonly readLagMs: number;
  readonly duplicatePercent: number;
  readonly reorderMs: number;
  readonly answerMs: number;
}

interface SimulatedAccount {
  readonly id: string;
  readonly credentials: { readonly token: string; readonly signing_key: string };
}

/** Organizations of one history, each connected to an account of its own. */
export async function connectAll(
  rig: Rig,
  wanted: readonly { readonly name: string; readonly settings: AccountSettings }[],
): Promise<readonly Organization[]> {
  const plane = await openControlPlane(rig.adminUrl, 'histories');
  try {
    const all = [];
    for (const { name, settings } of wanted) {
      const account = await rig.control<SimulatedAccount>('PUT', `front/accounts/${name}`, {
        ...settings,
        repeatUntilTaken: true,
      });
      all.push({ ...(await connect(plane, rig, name, account)), settings });
    }
    await Promise.all(all.map((organization) => subscribe(rig, organization)));
    return all;
  } finally {
    await plane.close();
  }
}

async function connect(
  plane: ControlPlane,
  rig: Rig,
  name: string,
  { id: account, credentials }: SimulatedAccount,
): Promise<Omit<Organization, 'settings'>> {
  const [id, connectionId] = [randomUUID(), randomUUID()];
  await plane.transaction([id], async (manager) => {
    await manager.insert(OrganizationEntity, { id, name });
    const connection = {
      id: connectionId,
      organizationId: id,
      vendor: 'front',
      account,
      name,
      status: 'active' as const,
    };
    await manager.insert(ConnectionEntity, connection);
    const seal = async (purpose: Purpose, vault: Vault, field: string, secret: string) => {
      const dataKey = { ...vault.newDataKey(id, 1), organizationId: id, purpose };
      await manager.insert(DataKeyEntity, dataKey);
      const plaintext = Buffer.from(secret);
      const ciphertext = vault.seal({ organizationId: id, connectionId, field }, { version: 1, plaintext }, dataKey);
      await manager.insert(CredentialEntity, {
        connectionId,
        organizationId: id,
        purpose,
        field,
        version: 1,
        ciphertext,
      });
    };
    await seal('grants', createVault({ ring: parseKeyRing(rig.encryptionKey) }), 'token', credentials.token);
    await seal('webhooks', createVault({ ring: parseKeyRing(rig.webhookKey) }), 'signing_key', credentials.signing_key);
  });
  return { id, connectionId, name, account, canaries: Object.values(credentials) };
}

/** The gateway learns of a connection within seconds; until then it refuses the vendor's challenge. */
async function subscribe(rig: Rig, { name, connectionId }: Organization): Promise<void> {
  const url = `${rig.gatewayUrl}/api/v1/webhooks/front/${connectionId}`;
  for (const deadline = Date.now() + 30_000; ; await wait(250)) {
    try {
      return void (await rig.control('PUT', `front/accounts/${name}/webhook`, { url }));
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
