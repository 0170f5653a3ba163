import type { Connector } from '@tributary/connector-kit';
import { allConnectors } from '@tributary/connectors';
import type { HttpOptions } from '@tributary/runtime';
import type { Config } from './config.ts';
import { NO_SUCH_WEBHOOK, WebhooksController, type Response } from './webhooks.controller.ts';

type Routes = NonNullable<HttpOptions<Config>['routes']>;
type Scope = Parameters<Routes>[0];
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

interface Reply {
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  send(body: string): unknown;
}

const PATH = '/api/v1/webhooks';
const NOTHING = Buffer.alloc(0);

/** The hot route, on Fastify's own scope: the body arrives as the bytes sent, and no hook of Nest runs. */
export const receiveWebhooks: Routes = (scope, app) => {
  const controller = () => app().get(WebhooksController);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  for (const connector of allConnectors) {
    for (const name of [connector.vendor, ...connector.aliases]) addRoute(scope, name, connector, controller);
  }
  scope.all(`${PATH}/*`, (_request, reply) => answer(reply, NO_SUCH_WEBHOOK));
};

function addRoute(scope: Scope, name: string, connector: Connector, controller: () => WebhooksController): void {
  scope.route<{ Params: { connectionId: string } }>({
    method: 'POST',
    url: `${PATH}/${name}/:connectionId`,
    bodyLimit: connector.webhook.maxBodyBytes,
    errorHandler: (error, _request, reply) => {
      if ((error as { statusCode?: number }).statusCode !== 413) throw error;
      // What is still on its way is not read: the connection ends with the answer.
      answer(reply.header('connection', 'close'), controller().tooLarge(connector));
    },
    handler: async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : NOTHING;
      const delivery = { headers: singleHeaders(request.headers), body, nowMs: Date.now() };
      answer(reply, await controller().receive(connector, request.params.connectionId, delivery));
      return reply;
    },
  });
}

function answer(reply: Reply, { status, contentType, body, retryAfterSeconds }: Response): void {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  reply.code(status).header('content-type', contentType).send(body);
}

/** Node joins repeated headers but for `set-cookie`, which no vendor sends. */
function singleHeaders(headers: Headers): Record<string, string> {
  const single: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string') single[name] = value;
  }
  return single;
}
