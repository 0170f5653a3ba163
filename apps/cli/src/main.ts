import { isFailure } from '@tributary/contracts';
import { nearest } from '@tributary/runtime/nearest';
import { BAD_CONFIGURATION, parse, WRONG_USE, WrongUse, type Verb } from './verb.ts';
import { VERBS } from './verbs.ts';

const overview = (): string => {
  const width = Math.max(...Object.keys(VERBS).map((name) => name.length));
  const lines = Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: tributary <verb> [options]\n\n${lines.join('\n')}\n\n\`tributary <verb> --help\` says more.`;
};

const helpOf = (name: string, { summary, usage }: Verb): string =>
  `${summary}\n\nUsage: tributary ${`${name} ${usage}`.trim()}`;

/** A verb is one word or two. */
function find(args: readonly string[]): { name: string; verb: Verb; rest: readonly string[] } {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    const verb = VERBS[name];
    if (verb && args.length >= words) return { name, verb, rest: args.slice(words) };
  }
  const known = Object.keys(VERBS);
  const family = known.filter((name) => name.startsWith(`${args[0]} `));
  const near = nearest(args.slice(0, 2).join(' '), known) ?? nearest(args[0] ?? '', known);
  const hint = near ? ` Did you mean ${near}?` : family.length > 0 ? ` There is ${family.join(', ')}.` : '';
  throw new WrongUse(`There is no verb ${args[0]}.${hint}\n\n${overview()}`);
}

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 0 || args[0] === '--help' || args[0] === '-h' || args[0] === 'help') {
    console.log(overview());
    return args.length === 0 ? WRONG_USE : 0;
  }
  const { name, verb, rest } = find(args);
  const { options, positionals } = parse(verb, rest);
  if (options.help === true) {
    console.log(helpOf(name, verb));
    return 0;
  }
  return verb.run(options, positionals);
}

/** One sentence for what a person can mend; a trace only for what is our own fault. */
function report(error: unknown): number {
  if (error instanceof WrongUse) {
    console.error(`tributary: ${error.message}`);
    return WRONG_USE;
  }
  if (isFailure(error)) {
    console.error(`tributary: ${error.message}`);
    return error.kind === 'misconfigured' ? BAD_CONFIGURATION : 1;
  }
  console.error(error);
  return 1;
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
