import { installationAt, readFile, type Secrets } from './installation.ts';
import { DEFAULT_PORT_BASE, portsFrom } from './ports.ts';
import { serviceProcess, SERVICES } from './services.ts';
import { readState } from './state.ts';
import { dataOption } from './up.ts';
import { nearest } from '@tributary/runtime/nearest';
import { WrongUse, type Verb } from './verb.ts';
import { join } from 'node:path';

const SECRET = /KEY|TOKEN|SECRET|PASSWORD/;
const masked = (name: string, value: string) =>
  SECRET.test(name) ? '***' : value.replace(/(:\/\/[^:/]+:)[^@]+@/, '$1***@');

export const printConfig: Verb = {
  summary: "Shows each service's environment, secrets masked",
  usage: '[SERVICE] [--json] [--data DIR]',
  options: { ...dataOption, json: { type: 'boolean' } },
  positionals: { min: 0, max: 1 },
  async run(options, [name]) {
    const installation = installationAt(options.data as string | undefined);
    const secrets = readFile<Secrets>(join(installation.folder, 'secrets.json'));
    if (secrets === null)
      throw new WrongUse(`${installation.folder} has no configuration yet: \`tributary up\` makes it.`);
    const chosen = SERVICES.filter((service) => name === undefined || service.name === name);
    if (chosen.length === 0) {
      throw new WrongUse(
        `There is no service ${name}. Did you mean ${
          nearest(
            name ?? '',
            SERVICES.map((service) => service.name),
          ) ?? SERVICES.map((service) => service.name).join(', ')
        }?`,
      );
    }
    const ports = portsFrom(readState(installation)?.portBase ?? DEFAULT_PORT_BASE);
    const wiring = { ports, secrets, brokers: [`127.0.0.1:${ports.stack.kafka}`], dataFolder: installation.folder };
    const items = chosen.map((service) => {
      const { env = {} } = serviceProcess(service, wiring, installation);
      return {
        name: service.name,
        environment: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, masked(key, value)])),
      };
    });
    if (options.json === true) console.log(JSON.stringify({ items, nextCursor: null }, null, 2));
    else
      for (const item of items)
        console.log(
          [item.name, ...Object.entries(item.environment).map(([key, value]) => `  ${key}=${value}`)].join('\n'),
        );
    return 0;
  },
};
