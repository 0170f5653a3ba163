import { runService } from '@tributary/runtime';
import { AppModule, SIMULATION } from './app.module.ts';
import { config } from './config.ts';
import { addRoutes } from './routes.ts';

await runService({
  name: 'vendor-simulator',
  config,
  module: AppModule.for,
  http: { port: ({ port }) => port, routes: (scope, app) => addRoutes(scope, () => app().get(SIMULATION)) },
});
