import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { nearest } from '@tributary/runtime/nearest';

export type Options = Readonly<Record<string, string | boolean | undefined>>;

export interface Verb {
  readonly summary: string;
  /** What follows the verb: `<vendor> <resource> [--count N]`. */
  readonly usage: string;
  readonly options: ParseArgsOptionsConfig;
  readonly positionals?: { readonly min: number; readonly max: number };
  /** The exit code: 0 done, 1 failed, 2 wrong use, 78 bad configuration. */
  run(options: Options, positionals: readonly string[]): Promise<number>;
}

export const WRONG_USE = 2;
export const BAD_CONFIGURATION = 78;

/** Whoever called made a mistake; the message names it and the remedy. */
export class WrongUse extends Error {}

function refuseUnknown(verb: Verb, args: readonly string[]): void {
  const known = [...Object.keys(verb.options), 'help'];
  const short = Object.values(verb.options).flatMap((option) => (option.short === undefined ? [] : [option.short]));
  for (const arg of args.slice(0, args.includes('--') ? args.indexOf('--') : undefined)) {
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name !== undefined && !known.includes(name)) {
      const near = nearest(name, known);
      throw new WrongUse(`There is no option --${name}.${near ? ` Did you mean --${near}?` : ''}`);
    }
    if (/^-[a-z]$/i.test(arg) && ![...short, 'h'].includes(arg[1]!)) throw new WrongUse(`There is no option ${arg}.`);
  }
}

export function parse(verb: Verb, args: readonly string[]): { options: Options; positionals: readonly string[] } {
  refuseUnknown(verb, args);
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      options: { ...verb.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new WrongUse((error as Error).message, { cause: error });
  }
  const { min, max } = verb.positionals ?? { min: 0, max: 0 };
  const { values, positionals } = parsed;
  if (values.help !== true && (positionals.length < min || positionals.length > max)) {
    throw new WrongUse(
      positionals.length < min ? 'Something is missing.' : `Too many words: ${positionals.slice(max).join(' ')}`,
    );
  }
  return { options: values as Options, positionals };
}

/** A whole number within bounds, or a sentence. */
export function numberOption(options: Options, name: string, bounds: { min: number; max: number }): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= bounds.min && value <= bounds.max) return value;
  throw new WrongUse(`--${name} takes a whole number from ${bounds.min} to ${bounds.max}, not ${String(text)}.`);
}
