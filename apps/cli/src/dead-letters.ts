import { userInfo } from 'node:os';
import { STAGES } from '@tributary/contracts';
import type { DeadLetter, LetterState } from '@tributary/postgres/control-plane';
import { atDesk } from './letter-desk.ts';
import { groupLine, harmless, letterLine, open, type Opened, type Shown } from './letter-view.ts';
import { dataOption } from './up.ts';
import { numberOption, WrongUse, type Options, type Verb } from './verb.ts';

const STATES: readonly LetterState[] = ['open', 'replaying', 'replayed', 'discarded'];
const WAITING: readonly LetterState[] = ['open', 'replaying'];
const LIMITS = { min: 1, max: 1_000 };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const printJson = (value: unknown) => console.log(JSON.stringify(value, null, 2));
const whoeverCalls = () => userInfo().username;

function idOf(word: string | undefined): string {
  if (word !== undefined && UUID.test(word)) return word.toLowerCase();
  throw new WrongUse(`${word} is no id of a dead letter: \`tributary dead-letters list\` shows them.`);
}

function statesOf({ state }: Options): readonly LetterState[] {
  if (state === undefined) return WAITING;
  if (state === 'all') return STATES;
  const found = STATES.find((known) => known === state);
  if (found) return [found];
  throw new WrongUse(`There is no state ${String(state)}: it is all or one of ${STATES.join(', ')}.`);
}

function groupOf({ stage, cause }: Options) {
  if (stage !== undefined && !STAGES.some((known) => known === stage))
    throw new WrongUse(`There is no stage ${String(stage)}: it is one of ${STAGES.join(', ')}.`);
  return { stage: stage as string | undefined, cause: cause as string | undefined };
}

const filterOf = (options: Options) => ({ states: statesOf(options), ...groupOf(options) });

const common = { ...dataOption, json: { type: 'boolean' } } as const;
const grouped = { stage: { type: 'string' }, cause: { type: 'string' } } as const;
const GROUP_HELP = `  --stage S     ${STAGES.join(', ')}
  --cause C     as \`dead-letters groups\` prints it`;
const STATE_HELP = `  --state S     ${STATES.join(', ')} or all; without it those that wait: open and replaying`;

const list: Verb = {
  summary: 'Lists dead letters, newest first',
  usage: `[--state S] [--stage S] [--cause C] [--limit N] [--cursor C] [--json] [--data DIR]

${STATE_HELP}
${GROUP_HELP}
  --cursor C    goes on where the page before ended`,
  options: {
    ...common,
    ...grouped,
    state: { type: 'string' },
    limit: { type: 'string' },
    cursor: { type: 'string' },
  },
  async run(options) {
    const limit = numberOption(options, 'limit', LIMITS) ?? 50;
    const filter = filterOf(options);
    const page = await atDesk(options, ({ letters }) =>
      letters.list(filter, { limit, cursor: options.cursor as string | undefined }),
    ).catch((error: unknown) => {
      throw error instanceof RangeError ? new WrongUse(`--cursor: ${error.message}.`) : error;
    });
    if (options.json === true) printJson(page);
    else {
      for (const letter of page.items) console.log(letterLine(letter));
      if (page.items.length === 0) console.log('No dead letters');
      if (page.nextCursor !== null) console.log(`more: --cursor ${page.nextCursor}`);
    }
    return 0;
  },
};

const groups: Verb = {
  summary: 'Counts dead letters by stage and cause',
  usage: `[--state S] [--stage S] [--json] [--data DIR]\n\n${STATE_HELP}`,
  options: { ...common, stage: { type: 'string' }, state: { type: 'string' } },
  async run(options) {
    const filter = filterOf(options);
    const items = await atDesk(options, ({ letters }) => letters.groups(filter));
    if (options.json === true) printJson({ items, nextCursor: null });
    else console.log(items.map(groupLine).join('\n') || 'No dead letters');
    return 0;
  },
};

const text = (shown: Shown | null) =>
  shown === null ? '-' : 'utf8' in shown ? harmless(shown.utf8) : `(base64) ${shown.base64}`;

function printOpened(letter: DeadLetter, opened: Opened | null): void {
  for (const [name, value] of Object.entries(letter))
    if (value !== null)
      console.log(`${name.padEnd(16)} ${value instanceof Date ? value.toISOString() : harmless(String(value))}`);
  if (opened === null) return console.log('\nThe bytes are gone: they have expired.');
  console.log(`\nheaders\n${JSON.stringify(opened.headers, null, 2)}\n\nraw\n${text(opened.raw)}\n\ndecoded`);
  console.log(opened.undecodable ?? JSON.stringify(opened.decoded, null, 2));
}

const showOne: Verb = {
  summary: 'Shows a dead letter: why, its headers, its bytes as they were, and what they say',
  usage: '<id> [--json] [--data DIR]',
  options: common,
  positionals: { min: 1, max: 1 },
  async run(options, [word]) {
    const id = idOf(word);
    return atDesk(options, async (desk) => {
      const letter = await desk.letters.find(id);
      if (!letter) return unknown(id);
      const message = await desk.message(letter);
      const opened = message && open(message, letter, await desk.codec());
      if (options.json === true) printJson({ ...letter, ...(opened ?? { raw: null }) });
      else printOpened(letter, opened);
      return 0;
    });
  },
};

function unknown(id: string): number {
  console.error(`tributary: There is no dead letter ${id}.`);
  return 1;
}

const replay: Verb = {
  summary: 'Sends dead letters back to the topic they came from',
  usage: `<id…> | --stage S [--cause C] | --cause C  [--json] [--data DIR]

${GROUP_HELP}

Only open letters are sent. A letter is \`replaying\` until it is on its topic, then \`replayed\`: it was sent and has not come back, which
is all that can be known of it. One that dies again is \`open\` again, the same letter with one attempt more.`,
  options: { ...common, ...grouped },
  positionals: { min: 0, max: 1_000 },
  async run(options, words) {
    const group = groupOf(options);
    const hasGroup = group.stage !== undefined || group.cause !== undefined;
    if (hasGroup === words.length > 0)
      throw new WrongUse('Name letters by their ids, or a group by --stage and --cause.');
    const choice = hasGroup ? group : { ids: words.map(idOf) };
    const ids = await atDesk(options, ({ letters }) => letters.replay(choice, whoeverCalls()));
    if (options.json === true) printJson({ items: ids.map((id) => ({ id, state: 'replaying' })), nextCursor: null });
    else console.log(`replaying: ${ids.length}${hasGroup ? '' : ` of ${words.length}`}`);
    const left = words.map(idOf).filter((id) => !ids.includes(id));
    for (const id of left)
      console.error(`tributary: ${id} is not open: \`tributary dead-letters show\` says what it is.`);
    return left.length === 0 ? 0 : 1;
  },
};

const discard: Verb = {
  summary: 'Closes a dead letter that nobody needs, with a reason',
  usage: '<id> --reason R [--json] [--data DIR]',
  options: { ...common, reason: { type: 'string' } },
  positionals: { min: 1, max: 1 },
  async run(options, [word]) {
    const id = idOf(word);
    const reason = String(options.reason ?? '').trim();
    if (reason === '') throw new WrongUse('Say why: --reason R');
    const isDone = await atDesk(options, ({ letters }) => letters.discard(id, reason, whoeverCalls()));
    if (!isDone) {
      console.error(`tributary: ${id} is neither open nor replaying: there is nothing to discard.`);
      return 1;
    }
    if (options.json === true) printJson({ id, state: 'discarded', reason });
    else console.log(`discarded: ${id}`);
    return 0;
  },
};

export const DEAD_LETTER_VERBS: Readonly<Record<string, Verb>> = {
  'dead-letters list': list,
  'dead-letters show': showOne,
  'dead-letters groups': groups,
  'dead-letters replay': replay,
  'dead-letters discard': discard,
};
