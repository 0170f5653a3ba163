import { Secret } from '@tributary/vault';
import { acme } from '@tributary/testing';
import { createEndpoints, type EndpointPorts, type EndpointRow } from './endpoints.ts';
import { verifyDelivery } from './verify-delivery.ts';

const row = (change: Partial<EndpointRow> = {}): EndpointRow => ({
  connection_id: 'con_1',
  organization_id: 'org_1',
  vendor: 'acme',
  account: 'acc_1',
  status: 'active',
  secrets: [{ field: 'secret', ciphertext: 'v1.sealed' }],
  data_keys: [],
  ...change,
});
const request = { headers: {}, body: Buffer.from('{}'), nowMs: 0 };

function endpointsOf(ports: Partial<EndpointPorts> = {}) {
  const opened: string[] = [];
  const endpoints = createEndpoints({
    load: async () => [row()],
    open: ({ ciphertext }) => {
      opened.push(ciphertext);
      return new Secret(Buffer.from('key'));
    },
    onUnreadable: () => undefined,
    ...ports,
  });
  return { endpoints, opened };
}

describe('the connections in memory', () => {
  it('go on serving while the database is away', async () => {
    let isAway = false;
    const { endpoints } = endpointsOf({
      load: async () => {
        if (isAway) throw new Error('away');
        return [row()];
      },
    });
    await endpoints.refresh();
    isAway = true;
    await expect(endpoints.refresh()).rejects.toThrow('away');
    expect(endpoints.find('con_1')?.account).toBe('acc_1');
  });

  it('open a secret once for each change', async () => {
    let ciphertext = 'v1.sealed';
    const { endpoints, opened } = endpointsOf({
      load: async () => [row({ secrets: [{ field: 'secret', ciphertext }] })],
    });
    await endpoints.refresh();
    const before = endpoints.find('con_1')?.secrets?.[0];
    await endpoints.refresh();
    expect(endpoints.find('con_1')?.secrets?.[0]).toBe(before);
    ciphertext = 'v1.rotated';
    await endpoints.refresh();
    expect(opened).toEqual(['v1.sealed', 'v1.rotated']);
  });

  it('forget a connection that is gone', async () => {
    let rows = [row()];
    const { endpoints } = endpointsOf({ load: async () => rows });
    await endpoints.refresh();
    rows = [];
    await endpoints.refresh();
    expect(endpoints.find('con_1')).toBeUndefined();
  });

  it('make a delivery unjudged, never refused, before the first load and where a secret cannot be opened', async () => {
    const { endpoints } = endpointsOf({
      open: () => {
        throw new Error('another ring');
      },
    });
    expect(verifyDelivery(acme, 'con_1', request, endpoints)).toEqual({ kind: 'unjudged' });
    await endpoints.refresh();
    expect(verifyDelivery(acme, 'con_1', request, endpoints)).toEqual({ kind: 'unjudged' });
    expect(verifyDelivery(acme, 'con_2', request, endpoints)).toMatchObject({
      kind: 'refused',
      why: 'unknown_connection',
    });
  });

  it("refuse a connection of another vendor's address", async () => {
    const { endpoints } = endpointsOf({ load: async () => [row({ vendor: 'other' })] });
    await endpoints.refresh();
    expect(verifyDelivery(acme, 'con_1', request, endpoints)).toMatchObject({
      kind: 'refused',
      why: 'unknown_connection',
    });
  });
});
