import { installationAt } from './installation.ts';
import { stopEverything } from './leftovers.ts';
import { dataOption } from './up.ts';
import type { Verb } from './verb.ts';

export const down: Verb = {
  summary: 'Stops everything that `up` started; the data stays',
  usage: '[--data DIR]',
  options: dataOption,
  async run(options) {
    const stopped = await stopEverything(installationAt(options.data as string | undefined));
    console.log(stopped > 0 ? `Stopped ${stopped} processes` : 'Nothing was running');
    return 0;
  },
};
