import { Failure } from '@tributary/contracts';
import { installationAt, secretsOf } from './installation.ts';
import { isUp, readState } from './state.ts';
import { dataOption } from './up.ts';
import { numberOption, WrongUse, type Verb } from './verb.ts';

/** One request asks for at most so much: its answer is waited for without a limit of the client's in the way. */
const MOST_A_REQUEST = 10_000;
const LONGEST_REQUEST_S = 60;

async function control(url: string, token: string, body: object): Promise<{ items: unknown[] }> {
  const answer = await fetch(`${url}/_control/simulate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw new Failure(
      'unavailable',
      `The vendor simulator at ${url} does not answer: \`tributary status\` shows why.`,
      { cause },
    );
  });
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as { items: unknown[] };
  const said = (JSON.parse(text) as { error?: { message?: string } }).error?.message ?? text;
  if (answer.status < 500) throw new WrongUse(said);
  throw new Failure('unavailable', `The vendor simulator failed: ${said}`);
}

export const simulate: Verb = {
  summary: 'Makes the vendor simulator change its objects, and announce it as the vendor would',
  usage: `<vendor> <resource> [--action A] [--count N] [--rate R] [--json] [--data DIR]

  --action A  create, update, delete, or what else the vendor does (create)
  --count N   how many (1)
  --rate R    so many changes a second; without it as fast as they go`,
  options: {
    ...dataOption,
    action: { type: 'string' },
    count: { type: 'string' },
    rate: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: { min: 2, max: 2 },
  async run(options, [vendor, resource]) {
    const installation = installationAt(options.data as string | undefined);
    const action = (options.action as string | undefined) ?? 'create';
    const count = numberOption(options, 'count', { min: 1, max: 1_000_000 }) ?? 1;
    const rate = numberOption(options, 'rate', { min: 1, max: 100_000 });
    const state = readState(installation);
    if (!isUp(state)) throw new Failure('unavailable', 'Tributary is not running: `tributary up` starts it.');
    const most = rate === undefined ? MOST_A_REQUEST : Math.min(MOST_A_REQUEST, rate * LONGEST_REQUEST_S);
    const items: unknown[] = [];
    for (let left = count; left > 0; left -= most) {
      const wanted = { vendor, resource, action, count: Math.min(left, most), rate };
      const answer = await control(state.urls.simulator!, secretsOf(installation).simulatorToken, wanted);
      items.push(...answer.items);
    }
    if (options.json === true) console.log(JSON.stringify({ items, nextCursor: null }, null, 2));
    else console.log(`${action}: ${items.length} of ${vendor} ${resource}`);
    return 0;
  },
};
