import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { addControl, unknownVendor } from './control.ts';
import type { Simulation } from './vendor.ts';

/** `/_control/…` steers the fake vendors; `/<vendor>/…` is what each vendor's own host would answer. */
export function addRoutes(http: FastifyInstance, simulation: () => Simulation): void {
  addControl(http, simulation);
  http.get<{ Params: { vendor: string; '*': string } }>('/:vendor/*', async (request, reply) => {
    const vendor = simulation().vendors.get(request.params.vendor);
    if (!vendor) return unknownVendor(reply, request.params.vendor);
    const { authorization } = request.headers;
    const { status, headers, body, afterMs = 0 } = vendor.answer({ path: `/${request.params['*']}`, authorization });
    if (afterMs > 0) await wait(afterMs);
    return reply.code(status).headers(headers).send(body);
  });
}
