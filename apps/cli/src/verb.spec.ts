import { numberOption, parse, WrongUse, type Verb } from './verb.ts';

const verb: Verb = {
  summary: 'Does something',
  usage: '<what> [--count N] [-f]',
  options: { count: { type: 'string' }, follow: { type: 'boolean', short: 'f' } },
  positionals: { min: 1, max: 1 },
  run: async () => 0,
};

describe('what follows a verb', () => {
  it('is read into options and words', () => {
    expect(parse(verb, ['this', '--count', '3', '-f'])).toMatchObject({
      options: { count: '3', follow: true },
      positionals: ['this'],
    });
  });

  it.each([
    [['x', '--cuont', '3'], 'There is no option --cuont. Did you mean --count?'],
    [['x', '--rate=3'], 'There is no option --rate.'],
    [['x', '-q'], 'There is no option -q.'],
    [[], 'Something is missing.'],
    [['x', 'y'], 'Too many words: y'],
  ])('is refused with a hint: %j', (args, sentence) => {
    expect(() => parse(verb, args)).toThrow(new WrongUse(sentence));
  });

  it('may be incomplete when help is asked for', () => {
    expect(parse(verb, ['--help']).options.help).toBe(true);
  });

  it.each(['0', '11', '1.5', 'many', ''])('holds a number to its bounds: %j', (count) => {
    expect(() => numberOption({ count }, 'count', { min: 1, max: 10 })).toThrow(WrongUse);
  });
});
