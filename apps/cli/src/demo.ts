import { setTimeout as wait } from 'node:timers/promises';
import type { Connector } from '@tributary/connector-kit';
import { allConnectors } from '@tributary/connectors';
import { Failure, uuidV5 } from '@tributary/contracts';
import { createReader } from '@tributary/postgres';
import { openControlPlane, OrganizationEntity, type ControlPlane } from '@tributary/postgres/control-plane';
import { createVault, parseKeyRing } from '@tributary/vault';
import { connect } from './connect.ts';

/** Fixed, so that every start finds the organization that an earlier one made. */
export const DEMO_ORGANIZATION = '5b1c9a52-6f0e-5c5d-9a51-d0e0d0e0d0e0';
const DEMO_READER = 'tributary_demo_reader';
const TAKEN_WITHIN_MS = 20_000;
const ASK_EVERY_MS = 250;

export interface DemoOptions {
  readonly ownerUrl: string;
  /** With the login of tributary_admin. */
  readonly adminUrl: string;
  readonly encryptionKey: string;
  readonly webhookKey: string;
  readonly readerPassword: string;
  readonly simulatorUrl: string;
  readonly simulatorToken: string;
  readonly gatewayUrl: string;
}

interface SimulatedAccount {
  readonly id: string;
  readonly credentials: Readonly<Record<string, string>>;
}

/** Connects a demo organization to every simulated vendor, as a user would connect a real one. Safe to repeat. */
export async function ensureDemo(options: DemoOptions): Promise<{ databaseUrl: string }> {
  const plane = await openControlPlane(options.adminUrl, 'tributary demo');
  try {
    await addOrganization(plane);
    for (const connector of allConnectors) await connectDemo(connector, plane, options);
  } finally {
    await plane.close();
  }
  const reader = { organizationId: DEMO_ORGANIZATION, role: DEMO_READER, password: options.readerPassword };
  await createReader(options.ownerUrl, reader);
  return { databaseUrl: withLogin(options.ownerUrl, reader) };
}

async function addOrganization(plane: ControlPlane): Promise<void> {
  const demo = { id: DEMO_ORGANIZATION, name: 'Demo' };
  await plane.transaction([demo.id], (manager) =>
    manager.createQueryBuilder().insert().into(OrganizationEntity).values(demo).orIgnore().execute(),
  );
}

/** The vendor first gives the account, then learns the address, and checks it by a challenge. */
async function connectDemo(connector: Connector, plane: ControlPlane, options: DemoOptions): Promise<void> {
  const accounts = `/_control/${connector.vendor}/accounts/demo`;
  const account = await control<SimulatedAccount>('PUT', accounts, {}, options);
  const connectionId = uuidV5(DEMO_ORGANIZATION, connector.vendor);
  await connect(plane, {
    vaults: {
      grants: createVault({ ring: parseKeyRing(options.encryptionKey) }),
      webhooks: createVault({ ring: parseKeyRing(options.webhookKey) }),
    },
    connector,
    connection: { id: connectionId, organizationId: DEMO_ORGANIZATION, account: account.id, name: 'Demo' },
    credentials: account.credentials,
  });
  const webhookUrl = `${options.gatewayUrl}/api/v1/webhooks/${connector.vendor}/${connectionId}`;
  await untilTaken(() => control('PUT', `${accounts}/webhook`, { url: webhookUrl }, options));
}

/** The gateway learns of a new connection within seconds; until then it refuses the challenge. */
async function untilTaken(attempt: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + TAKEN_WITHIN_MS;
  for (;;) {
    try {
      return void (await attempt());
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await wait(ASK_EVERY_MS);
    }
  }
}

async function control<T>(method: string, path: string, body: object, options: DemoOptions): Promise<T> {
  const answer = await fetch(`${options.simulatorUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${options.simulatorToken}` },
    body: JSON.stringify(body),
  });
  if (answer.ok) return (await answer.json()) as T;
  throw new Failure('unavailable', `The vendor simulator refused ${path}: ${await answer.text()}`);
}

function withLogin(url: string, { role, password }: { role: string; password: string }): string {
  const changed = new URL(url);
  changed.username = role;
  changed.password = password;
  return changed.href;
}
