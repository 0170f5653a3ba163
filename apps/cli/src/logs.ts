import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installationAt } from './installation.ts';
import { dataOption } from './up.ts';
import { nearest } from '@tributary/runtime/nearest';
import { WrongUse, type Verb } from './verb.ts';

const LINES = '200';

export const logs: Verb = {
  summary: 'Shows what the services have written',
  usage: '[SERVICE] [-f] [--data DIR]',
  options: { ...dataOption, follow: { type: 'boolean', short: 'f' } },
  positionals: { min: 0, max: 1 },
  async run(options, [service]) {
    const { logs: folder } = installationAt(options.data as string | undefined);
    const names = existsSync(folder)
      ? readdirSync(folder)
          .filter((file) => file.endsWith('.log'))
          .map((file) => file.slice(0, -4))
      : [];
    if (names.length === 0) throw new WrongUse(`There are no logs in ${folder}: nothing was started there.`);
    if (service !== undefined && !names.includes(service)) {
      throw new WrongUse(
        `There is no service ${service}. Did you mean ${nearest(service, names) ?? names.join(', ')}?`,
      );
    }
    const files = (service === undefined ? names : [service]).map((name) => join(folder, `${name}.log`));
    const child = spawn('tail', ['-n', LINES, ...(options.follow === true ? ['-F'] : []), ...files], {
      stdio: 'inherit',
    });
    // Ctrl-C is how following ends.
    process.on('SIGINT', () => undefined);
    return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 0)));
  },
};
