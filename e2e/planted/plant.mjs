// Loaded before a service of a planted variant: where the service would import one of its modules, its own or a library's, it
// gets a faulty twin that wraps the real one. Nothing in the product knows of it.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

const own = (app, file) => ({ app, modules: [`apps/${app}/dist/${file}`] });
const writer = (...modules) => ({ app: 'ingest-writer', modules });
const WRITE = 'apps/ingest-writer/dist/write.handler.js';

/** Which modules of which service each bug replaces. */
const TWINS = {
  'ack-before-durable': own('webhook-gateway', 'append-delivery.js'),
  'dedup-by-cache': own('webhook-gateway', 'append-delivery.js'),
  'commit-before-write': own('transformer', 'transform.handler.js'),
  'crossed-organizations': own('transformer', 'transform.handler.js'),
  'partial-as-complete': own('transformer', 'transform.handler.js'),
  'swallowed-mapping-error': own('transformer', 'transform.handler.js'),
  'coalesced-into-started': own('poller', 'work.repository.js'),
  'no-reread': own('poller', 'fetch.js'),
  'arrival-order': own('ingest-writer', 'merge.js'),
  'no-fence': own('ingest-writer', 'merge.js'),
  'no-repair': own('ingest-writer', 'write.handler.js'),
  'stale-overwrites': own('ingest-writer', 'merge.js'),
  'dropped-batch': writer(WRITE, 'libs/kafka/dist/assignment.js'),
  'zombie-writer': writer(WRITE, 'libs/postgres/dist/positions.js'),
};

const bug = process.env.PLANTED_BUG;
const twin = new URL(`./${bug}.mjs`, import.meta.url);
if (!TWINS[bug] || !existsSync(twin)) throw new Error(`there is no planted bug ${bug}`);
const { app, modules } = TWINS[bug];

if (process.argv[1].includes(`/apps/${app}/`)) {
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      return modules.some((module) => found.url.endsWith(`/${module}`)) && context.parentURL !== twin.href
        ? { ...found, url: twin.href, format: 'module' }
        : found;
    },
  });
}
