import type { ServiceOptions } from '@tributary/runtime';
import { AppModule } from './app.module.ts';
import { config } from './config.ts';
import { receiveWebhooks } from './webhooks.routes.ts';

export const gateway: ServiceOptions<typeof config> = {
  name: 'webhook-gateway',
  config,
  module: AppModule.for,
  http: { port: ({ port }) => port, routes: receiveWebhooks },
};
