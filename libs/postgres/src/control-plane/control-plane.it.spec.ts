import { randomUUID } from 'node:crypto';
import { useStack } from '@tributary/testing';
import { openControlPlane, type ControlPlane } from './control-plane.ts';
import { ConnectionEntity, CredentialEntity, DataKeyEntity, OrganizationEntity } from './entities.ts';

describe('control plane', () => {
  let plane: ControlPlane;
  const [ours, theirs] = [randomUUID(), randomUUID()];

  beforeAll(async () => {
    const database = await (await useStack()).newDatabase();
    plane = await openControlPlane(database.urlFor('tributary_admin'), 'control-plane.it');
    for (const id of [ours, theirs]) {
      await plane.transaction([id], (manager) => manager.insert(OrganizationEntity, { id, name: `name of ${id}` }));
    }
  });
  afterAll(() => plane.close());

  it('reads back every entity as it was written', async () => {
    const connection = {
      id: randomUUID(),
      organizationId: ours,
      vendor: 'acme',
      account: 'a',
      name: 'A',
      status: 'active' as const,
    };
    const dataKey = { organizationId: ours, purpose: 'grants' as const, version: 1, kekId: 'k1', wrapped: 'w' };
    const credential = {
      connectionId: connection.id,
      organizationId: ours,
      purpose: 'grants' as const,
      field: 'token',
      version: 1,
      ciphertext: 'v1.1.1.x',
    };
    const found = await plane.transaction([ours], async (manager) => {
      await manager.insert(ConnectionEntity, connection);
      await manager.insert(DataKeyEntity, dataKey);
      await manager.insert(CredentialEntity, credential);
      return [
        await manager.find(ConnectionEntity),
        await manager.find(DataKeyEntity),
        await manager.find(CredentialEntity),
      ];
    });
    expect(found).toEqual([[connection], [dataKey], [credential]]);
  });

  it('sees the organizations it was opened for, and no others', async () => {
    const names = await plane.transaction([ours], (manager) => manager.find(OrganizationEntity));
    expect(names.map(({ id }) => id)).toEqual([ours]);
    expect(await plane.transaction([], (manager) => manager.find(OrganizationEntity))).toEqual([]);
  });

  it('refuses to write into another organization', async () => {
    const foreign = {
      id: randomUUID(),
      organizationId: theirs,
      vendor: 'acme',
      account: 'a',
      name: 'A',
      status: 'active' as const,
    };
    const writing = plane.transaction([ours], (manager) => manager.insert(ConnectionEntity, foreign));
    await expect(writing).rejects.toThrow(/row-level security/);
  });

  it('says that Postgres is away as every adapter says it', async () => {
    await expect(openControlPlane('postgresql://nobody@127.0.0.1:1/none', 'x')).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });
});
