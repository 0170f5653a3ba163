import { portsFrom } from './ports.ts';
import { SERVICES } from './services.ts';

describe('the ports of an installation', () => {
  it('are where the documentation says, and move together', () => {
    expect(portsFrom(7100)).toMatchObject({
      gateway: 7101,
      simulator: 7110,
      stack: { kafka: 7120, registry: 7121, postgres: 7122 },
    });
    expect(portsFrom(9000)).toMatchObject({ gateway: 9001, stack: { kafka: 9020 } });
  });

  it('give each service an ops port of its own', () => {
    const { ops, gateway, simulator, stack } = portsFrom(7100);
    const all = [...SERVICES.map(({ name }) => ops(name)), gateway, simulator, ...Object.values(stack)];
    expect(new Set(all).size).toBe(all.length);
  });
});
