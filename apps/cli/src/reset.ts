import { existsSync, rmSync } from 'node:fs';
import { Failure } from '@tributary/contracts';
import { removePostgresHome } from '@tributary/embedded';
import { installationAt, isOurs } from './installation.ts';
import { stopEverything } from './leftovers.ts';
import { dataOption } from './up.ts';
import { WrongUse, type Verb } from './verb.ts';

export const reset: Verb = {
  summary: 'Stops everything and deletes all data of the local installation',
  usage: '--yes [--data DIR]',
  options: { ...dataOption, yes: { type: 'boolean' } },
  async run(options) {
    const installation = installationAt(options.data as string | undefined);
    if (options.yes !== true)
      throw new WrongUse(`This deletes everything in ${installation.folder}: say --yes if that is meant.`);
    if (!existsSync(installation.folder)) {
      console.log('There is nothing to delete');
      return 0;
    }
    if (!isOurs(installation)) {
      throw new Failure(
        'misconfigured',
        `${installation.folder} is not a data folder of Tributary, so nothing was deleted.`,
      );
    }
    await stopEverything(installation);
    removePostgresHome(installation.folder);
    rmSync(installation.folder, { recursive: true, force: true });
    console.log(`Deleted ${installation.folder}`);
    return 0;
  },
};
