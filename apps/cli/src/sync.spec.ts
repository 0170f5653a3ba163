import { allConnectors } from '@tributary/connectors';
import { commandsOf } from './fetch-order.ts';
import { chosen, idsOf, kindOf } from './sync.ts';
import { WrongUse } from './verb.ts';

const connector = allConnectors[0]!;
const { vendor, aliases } = connector;
const one = { id: 'c1', vendor, account: 'a1' };
const other = { id: 'c2', vendor, account: 'a2' };
const [kind, { resource }] = Object.entries(connector.kinds)[0]!;

describe('the connection that is meant', () => {
  it.each([vendor, ...aliases, 'c1'])('is found by %s where there is one', (word) => {
    expect(chosen(word, [one])).toBe(one);
  });

  it('must be named by its id where a vendor has several', () => {
    expect(() => chosen(vendor, [one, other])).toThrow(/several connections: choose one by its id of .*c1.*c2/);
    expect(chosen('c2', [one, other])).toBe(other);
  });

  it('is answered with what exists where it does not', () => {
    expect(() => chosen('nobody', [one])).toThrow(`There is no connection nobody. There is ${vendor} (c1).`);
  });
});

describe('the resource that is meant', () => {
  it('is the vendor’s plural or our kind', () => {
    expect(kindOf(resource, connector)).toBe(kind);
    expect(kindOf(kind, connector)).toBe(kind);
  });

  it('is answered with what exists where it does not', () => {
    expect(() => kindOf('zebras', connector)).toThrow(new RegExp(`has no resource zebras. It has ${resource}`));
  });
});

describe('the reads asked for', () => {
  it('name each object once', () => {
    expect(idsOf('a, b,,a')).toEqual(['a', 'b']);
    expect(() => idsOf(undefined)).toThrow(WrongUse);
  });

  it('are urgent, one per object, and expect nothing of the vendor', () => {
    const commands = commandsOf({ connection: one, kind, ids: ['x', 'y'], requestedAt: 7 });
    expect(commands.map(({ externalId }) => externalId)).toEqual(['x', 'y']);
    expect(commands[0]).toMatchObject({ lane: 'live', askedBy: [], requestedAt: 7, expectation: { presence: 'any' } });
    expect(new Set(commands.map(({ commandId }) => commandId)).size).toBe(2);
  });
});
