import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SimulatedVendor, Simulation } from './vendor.ts';

interface Wish {
  readonly vendor: string;
  readonly account?: string;
  readonly resource: string;
  readonly action?: string;
  readonly count?: number;
  /** Changes a second; without it as fast as they go. */
  readonly rate?: number | null;
}

interface AccountPath {
  readonly vendor: string;
  readonly account: string;
}

const MOST_AT_ONCE = 1_000_000;
/** Changes between two looks at the event loop. */
const SLICE = 100;

/** How people and tests steer the fake vendors; guarded by a token, since whoever reaches it owns the simulation. */
export function addControl(http: FastifyInstance, simulation: () => Simulation): void {
  http.register(
    async (control) => {
      control.addHook('onRequest', async (request, reply) => {
        if (request.headers.authorization === `Bearer ${simulation().token}`) return;
        return refuse(reply, 401, 'The control address needs the simulator token.');
      });
      control.post('/simulate', (request: FastifyRequest<{ Body: Wish }>, reply) =>
        simulate(request.body, simulation(), reply),
      );
      addAccounts(control, simulation);
    },
    { prefix: '/_control' },
  );
}

function addAccounts(control: FastifyInstance, simulation: () => Simulation): void {
  const vendorOf = ({ vendor }: AccountPath) => simulation().vendors.get(vendor);
  type Ask<Body = unknown> = FastifyRequest<{ Params: AccountPath; Body: Body }>;

  control.put('/:vendor/accounts/:account', async (request: Ask<Record<string, unknown>>, reply) => {
    const { account } = request.params;
    return (
      vendorOf(request.params)?.ensureAccount(account, request.body) ?? unknownVendor(reply, request.params.vendor)
    );
  });
  control.put('/:vendor/accounts/:account/webhook', async (request: Ask<{ url: string }>, reply) => {
    const vendor = vendorOf(request.params);
    if (!vendor) return unknownVendor(reply, request.params.vendor);
    const isTaken = await vendor.setWebhook(request.params.account, request.body.url).catch(() => false);
    return isTaken ? { status: 'verified' } : refuse(reply, 422, `${request.body.url} did not answer the challenge.`);
  });
  control.post('/:vendor/accounts/:account/changes', async (request: Ask<readonly unknown[]>, reply) => {
    const vendor = vendorOf(request.params);
    if (!vendor) return unknownVendor(reply, request.params.vendor);
    return { ids: vendor.follow(request.params.account, request.body) };
  });
  control.get('/:vendor/accounts/:account/journal', async (request: Ask, reply) => {
    return vendorOf(request.params)?.journal(request.params.account) ?? unknownVendor(reply, request.params.vendor);
  });
  control.get('/:vendor/accounts/:account/ledger', async (request: Ask, reply) => {
    return vendorOf(request.params)?.ledger(request.params.account) ?? unknownVendor(reply, request.params.vendor);
  });
  control.get('/:vendor/statistics', async (request: Ask, reply) => {
    return vendorOf(request.params)?.statistics() ?? unknownVendor(reply, request.params.vendor);
  });
}

async function simulate(wanted: Wish, { vendors }: Simulation, reply: FastifyReply) {
  const { account = 'demo', resource, action = 'create', count = 1 } = wanted;
  const vendor = vendors.get(wanted.vendor);
  if (!vendor) return unknownVendor(reply, wanted.vendor);
  if (!vendor.resources.includes(resource)) {
    return refuse(reply, 400, `${vendor.vendor} has no ${resource}; it has ${vendor.resources.join(', ')}.`);
  }
  if (!vendor.actions.includes(action)) {
    return refuse(reply, 400, `--action takes ${vendor.actions.join(', ')}, not ${action}.`);
  }
  if (!Number.isInteger(count) || count < 1 || count > MOST_AT_ONCE) {
    return refuse(reply, 400, `--count takes 1 to ${MOST_AT_ONCE}.`);
  }
  return { items: await changeAll({ vendor, account, resource, action, count, rate: wanted.rate ?? null }) };
}

interface Changing {
  readonly vendor: SimulatedVendor;
  readonly account: string;
  readonly resource: string;
  readonly action: string;
  readonly count: number;
  readonly rate: number | null;
}

async function changeAll({ vendor, account, resource, action, count, rate }: Changing): Promise<{ id: string }[]> {
  const items: { id: string }[] = [];
  const startedAtMs = performance.now();
  for (let made = 0; made < count; made += 1) {
    const id = vendor.change(account, resource, action);
    if (id) items.push({ id });
    const dueMs = rate ? startedAtMs + ((made + 1) * 1000) / rate - performance.now() : 0;
    if (dueMs > 0 || made % SLICE === 0) await wait(Math.max(0, dueMs));
  }
  return items;
}

export const unknownVendor = (reply: FastifyReply, vendor: string) =>
  refuse(reply, 404, `There is no simulated vendor ${vendor}.`);

function refuse(reply: FastifyReply, status: number, message: string) {
  return reply.code(status).send({ error: { code: 'validation_error', message } });
}
