/** One setting: where it comes from, how its text is read, what holds without it. */
export interface Setting<T> {
  readonly env: string;
  readonly isSecret: boolean;
  readonly hasDefault: boolean;
  readonly fallback: T | undefined;
  /** Throws with half a sentence that follows the name. */
  read(text: string): T;
}

export type ConfigSpec = Readonly<Record<string, Setting<unknown>>>;
export type ConfigOf<Spec extends ConfigSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends Setting<infer T> ? T : never;
};

/** Says that a service's settings are complete and keeps their types. */
export const defineConfig = <const Spec extends ConfigSpec>(spec: Spec): Spec => spec;

interface Options<T> {
  readonly default?: T;
}

function setting<T>(env: string, read: (text: string) => T, options: Options<T>, isSecret = false): Setting<T> {
  return { env, read, isSecret, hasDefault: 'default' in options, fallback: options.default };
}

export const text = (env: string, options: Options<string> = {}): Setting<string> =>
  setting(env, (value) => value, options);

/** Masked wherever the configuration is shown. */
export const secret = (env: string, options: Options<string> = {}): Setting<string> =>
  setting(env, (value) => value, options, true);

export const list = (env: string, options: Options<readonly string[]> = {}): Setting<readonly string[]> =>
  setting<readonly string[]>(
    env,
    (value) =>
      value
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    options,
  );

export const integer = (env: string, min: number, max: number, options: Options<number> = {}): Setting<number> =>
  setting(
    env,
    (value) => {
      const number = Number(value);
      if (Number.isInteger(number) && number >= min && number <= max) return number;
      throw new Error(`must be a whole number from ${min} to ${max}`);
    },
    options,
  );

export const port = (env: string, options: Options<number> = {}): Setting<number> => integer(env, 0, 65_535, options);

export const flag = (env: string, options: Options<boolean> = { default: false }): Setting<boolean> =>
  setting(
    env,
    (value) => {
      if (value === 'true' || value === 'false') return value === 'true';
      throw new Error('must be true or false');
    },
    options,
  );

export const oneOf = <const Word extends string>(
  env: string,
  words: readonly Word[],
  options: Options<NoInfer<Word>> = {},
): Setting<Word> =>
  setting(
    env,
    (value) => {
      const word = words.find((known) => known === value);
      if (word !== undefined) return word;
      throw new Error(`must be one of ${words.join(', ')}`);
    },
    options,
  );

export const url = (env: string, options: Options<string> = {}): Setting<string> =>
  setting(
    env,
    (value) => {
      if (URL.canParse(value)) return value;
      throw new Error('must be a URL');
    },
    options,
  );

/** Null where it is not set. */
export const optional = <T>(given: Setting<T>): Setting<T | null> => ({ ...given, hasDefault: true, fallback: null });

/** A URL whose password must not be shown, such as a database's. */
export const secretUrl = (env: string): Setting<string> => ({ ...url(env), isSecret: true });
