import { createRequire } from 'node:module';

/** All projects of the workspace carry one version. */
export const VERSION: string = (createRequire(import.meta.url)('../package.json') as { version: string }).version;
