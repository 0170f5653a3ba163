import { stackPorts } from '@tributary/embedded';
import { Proxy } from './proxy.ts';

/** Who connects, and to what; the judge itself goes past them. */
export const LINKS = ['services-kafka', 'services-postgres', 'poller-vendor', 'vendor-gateway'] as const;
export type LinkName = (typeof LINKS)[number];
export type Proxies = Readonly<Record<LinkName, Proxy>>;

export const linkPorts = (base: number): Readonly<Record<LinkName, number>> => ({
  'services-kafka': base + 30,
  'services-postgres': base + 32,
  'poller-vendor': base + 33,
  'vendor-gateway': base + 34,
});

/** The broker tells its clients where it is: who comes by way of the proxy must be sent back to it. */
export const kafkaDetour = (base: number) => ({ port: base + 31, advertisedPort: linkPorts(base)['services-kafka'] });

export async function openProxies(base: number): Promise<Proxies> {
  const ports = linkPorts(base);
  const targets: Readonly<Record<LinkName, number>> = {
    'services-kafka': kafkaDetour(base).port,
    'services-postgres': stackPorts(base).postgres,
    'poller-vendor': base + 10,
    'vendor-gateway': base + 1,
  };
  const opened = await Promise.all(LINKS.map(async (name) => [name, await Proxy.open(ports[name], targets[name])]));
  return Object.fromEntries(opened) as Proxies;
}
