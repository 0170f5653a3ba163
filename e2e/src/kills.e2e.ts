import { eventually } from '@tributary/testing';
import { behind, type Stage } from './backlog.ts';
import {
  actualConversations,
  actualMessages,
  differences,
  expectedConversations,
  expectedMessages,
  ledgerOf,
} from './front-truth.ts';
import { Product } from './product.ts';

const product = new Product();
const WITHIN = { withinMs: 120_000, everyMs: 200 };
const CHANGES = 2_000;
const SLICE = 50;
const RATE = 60;

beforeAll(async () => {
  await product.start();
  await product.control('PUT', 'front/accounts/demo', { repeatUntilTaken: true });
});
afterAll(() => product.stop());

interface Made {
  total: number;
  /** Until then there must be changes that a kill can interrupt. */
  isKillingOver: boolean;
}

/** People write, then others assign, tag, archive, trash and delete: a slice at a time, until all are killed. */
async function keepChanging(made: Made): Promise<void> {
  const kinds = [
    ['message', 'create'],
    ['message', 'create'],
    ['conversation', 'update'],
    ['message', 'create'],
    ['conversation', 'trash'],
    ['conversation', 'delete'],
  ] as const;
  for (let slice = 0; made.total < CHANGES || !made.isKillingOver; slice += 1) {
    const [resource, action] = kinds[slice % kinds.length]!;
    const count = action === 'trash' || action === 'delete' ? 5 : SLICE;
    const wish = { vendor: 'front', resource, action, count, rate: RATE };
    const { items } = await retrying(() => product.control<{ items: object[] }>('POST', 'simulate', wish));
    made.total += items.length;
  }
}

/** The simulator is among those that are killed. */
const retrying = <T>(ask: () => Promise<T>): Promise<T> =>
  eventually(() => ask().then((answer) => ({ answer })), WITHIN).then(({ answer }) => answer);

interface Victim {
  readonly name: string;
  /** Stopped first: what the stage before accepts meanwhile is certainly in flight when the victim dies. */
  readonly frozen: Stage;
}

const VICTIMS: readonly Victim[] = [
  { name: 'webhook-gateway', frozen: 'webhook-gateway' },
  { name: 'transformer', frozen: 'transformer' },
  { name: 'poller', frozen: 'poller' },
  { name: 'ingest-writer', frozen: 'ingest-writer' },
  { name: 'vendor-simulator', frozen: 'poller' },
  { name: 'kafka', frozen: 'ingest-writer' },
  { name: 'postgres', frozen: 'ingest-writer' },
  { name: 'registry', frozen: 'ingest-writer' },
];

function letGo(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It is the one that was killed.
  }
}

/** How much was in flight when the victim died. */
async function killWithWorkInFlight({ name, frozen }: Victim): Promise<number> {
  const victim = await product.service(name);
  const { pid: held } = await product.service(frozen);
  process.kill(held!, 'SIGSTOP');
  let inFlight: number;
  try {
    inFlight = await eventually(async () => (await behind(product, frozen)) || false, WITHIN);
    process.kill(victim.pid!, 'SIGKILL');
  } finally {
    letGo(held!);
  }
  await eventually(async () => {
    const { state, restarts } = await product.service(name);
    return state === 'ready' && restarts > victim.restarts;
  }, WITHIN);
  return inFlight;
}

async function killAll(made: Made): Promise<Readonly<Record<string, number>>> {
  const inFlight: Record<string, number> = {};
  try {
    for (const victim of VICTIMS) inFlight[victim.name] = await killWithWorkInFlight(victim);
    return inFlight;
  } finally {
    made.isKillingOver = true;
  }
}

describe('kill -9', () => {
  it('of every process with work in flight loses nothing, and nobody has to start anything', async () => {
    const made: Made = { total: 0, isKillingOver: false };
    const [killing, changing] = await Promise.allSettled([killAll(made), keepChanging(made)]);
    if (changing.status === 'rejected') throw changing.reason;
    if (killing.status === 'rejected') throw killing.reason;
    const inFlight = killing.value;
    console.log(`${made.total} changes; in flight at each kill: ${JSON.stringify(inFlight)}`);
    expect(made.total).toBeGreaterThanOrEqual(CHANGES);

    await eventually(async () => (await behind(product, 'webhook-gateway')) === 0, WITHIN);
    const ledger = await ledgerOf(product);
    const wrong = async () => [
      ...differences(expectedMessages(ledger), await actualMessages(product)),
      ...differences(expectedConversations(ledger), await actualConversations(product)),
    ];
    await eventually(async () => (await wrong()).length === 0, WITHIN).catch(() => undefined);
    expect(await wrong()).toEqual([]);
  });
});
