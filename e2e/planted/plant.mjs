// Loaded before a service of a planted variant: where the service would import one of its own modules, it gets a faulty
// twin that wraps the real one. Nothing in the product knows of it.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Which module of which service each bug replaces. */
const TWINS = {
  'no-repair': 'ingest-writer/dist/write.handler.js',
  'arrival-order': 'ingest-writer/dist/write.handler.js',
  'dropped-batch': 'ingest-writer/dist/write.handler.js',
  'stale-overwrites': 'ingest-writer/dist/write.handler.js',
  'partial-as-complete': 'transformer/dist/transform.handler.js',
  'swallowed-mapping-error': 'transformer/dist/transform.handler.js',
  'crossed-organizations': 'transformer/dist/transform.handler.js',
  'ack-before-durable': 'webhook-gateway/dist/append-delivery.js',
  'dedup-by-cache': 'webhook-gateway/dist/append-delivery.js',
  'no-reread': 'poller/dist/read-lag.js',
};

const bug = process.env.PLANTED_BUG;
const place = TWINS[bug];
const twin = new URL(`./${bug}.mjs`, import.meta.url);
if (!place || !existsSync(twin)) throw new Error(`there is no planted bug ${bug}`);

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return found.url.endsWith(`/apps/${place}`) && context.parentURL !== twin.href
      ? { ...found, url: twin.href, format: 'module' }
      : found;
  },
});
