import { createLog } from './log.ts';

const lines: string[] = [];
const log = createLog({ service: 'spec', level: 'info', write: (line) => lines.push(line), now: () => new Date(0) });

describe('the log', () => {
  beforeEach(() => lines.splice(0));

  it('writes one JSON object a line', () => {
    log('info', 'two\nlines', { count: 1n, error: new Error('odd', { cause: new Error('root') }) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\n');
    expect(JSON.parse(lines[0]!)).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      service: 'spec',
      msg: 'two\nlines',
      count: '1',
      error: { name: 'Error', message: 'odd', cause: { name: 'Error', message: 'root' } },
    });
  });

  it('leaves out what is below its level', () => {
    log('debug', 'unseen');
    expect(lines).toEqual([]);
  });
});
