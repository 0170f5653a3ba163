/**
 * Counters, gauges and histograms with bound label sets: an event on the hot path is one addition on an object made at start,
 * without building a string. The text format is Prometheus' (version 0.0.4).
 */
export interface Counter {
  add(count?: number): void;
}

export interface Gauge {
  set(value: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/** `Label` names are closed sets; their values must be as well. */
export interface Family<Instrument, Label extends string> {
  with(labels: Readonly<Record<Label, string>>): Instrument;
}

export interface Metrics {
  counter<Label extends string = never>(name: string, help: string, labels?: readonly Label[]): Family<Counter, Label>;
  gauge<Label extends string = never>(name: string, help: string, labels?: readonly Label[]): Family<Gauge, Label>;
  histogram<Label extends string = never>(
    name: string,
    help: string,
    labels?: readonly Label[],
    bounds?: readonly number[],
  ): Family<Histogram, Label>;
  /** Asked when the text is rendered. */
  observed(name: string, help: string, read: () => number): void;
  render(): string;
}

/** A label set above this means that a label's values are not a closed set. */
const MAX_SERIES = 2_000;
const SECONDS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type Type = 'counter' | 'gauge' | 'histogram';

interface Series {
  lines(name: string, labels: string): string[];
}

interface FamilyState<One extends Series = Series> {
  readonly help: string;
  readonly type: Type;
  readonly labels: readonly string[];
  readonly series: Map<string, One>;
}

export function createMetrics(): Metrics {
  const families = new Map<string, FamilyState>();

  function family<One extends Series, Label extends string>(
    type: Type,
    name: string,
    help: string,
    labels: readonly Label[],
    make: () => One,
  ): Family<One, Label> {
    const known = families.get(name);
    if (known && (known.type !== type || known.labels.join() !== labels.join()))
      throw new Error(`metric ${name} is declared twice, differently`);
    // A family of one name and type was always made by the same constructor below.
    const state = (known as FamilyState<One> | undefined) ?? { help, type, labels, series: new Map<string, One>() };
    families.set(name, state);
    return { with: (values) => bind(name, state, values, make) };
  }

  return {
    counter: (name, help, labels = []) => family('counter', name, help, labels, () => new Value()),
    gauge: (name, help, labels = []) => family('gauge', name, help, labels, () => new Value()),
    histogram: (name, help, labels = [], bounds = SECONDS) =>
      family('histogram', name, help, labels, () => new Buckets(bounds)),
    observed: (name, help, read) => void family('gauge', name, help, [], () => new Observed(read)).with({}),
    render: () => [...families].map(([name, state]) => renderFamily(name, state)).join(''),
  };
}

function bind<One extends Series>(
  name: string,
  { labels, series }: FamilyState<One>,
  values: Readonly<Record<string, string>>,
  make: () => One,
): One {
  const key = labels.map((label) => `${label}="${escape(values[label] ?? '')}"`).join(',');
  const found = series.get(key);
  if (found) return found;
  if (series.size >= MAX_SERIES) throw new Error(`metric ${name} has more than ${MAX_SERIES} label sets`);
  const made = make();
  series.set(key, made);
  return made;
}

function renderFamily(name: string, { help, type, series }: FamilyState): string {
  const lines = [...series].flatMap(([labels, one]) => one.lines(name, labels));
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}${lines.length > 0 ? '\n' : ''}`;
}

const escape = (value: string) => value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
const labelled = (name: string, labels: string) => (labels === '' ? name : `${name}{${labels}}`);

class Value implements Counter, Gauge, Series {
  #value = 0;

  add(count = 1): void {
    this.#value += count;
  }

  set(value: number): void {
    this.#value = value;
  }

  lines(name: string, labels: string): string[] {
    return [`${labelled(name, labels)} ${this.#value}`];
  }
}

class Observed extends Value {
  constructor(private readonly read: () => number) {
    super();
  }

  override lines(name: string, labels: string): string[] {
    this.set(this.read());
    return super.lines(name, labels);
  }
}

class Buckets implements Histogram, Series {
  #sum = 0;
  readonly #counts: number[];

  constructor(private readonly bounds: readonly number[]) {
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    this.#sum += value;
    let index = 0;
    while (index < this.bounds.length && value > this.bounds[index]!) index += 1;
    this.#counts[index]! += 1;
  }

  lines(name: string, labels: string): string[] {
    let count = 0;
    const lines = this.#counts.map((inBucket, index) => {
      count += inBucket;
      const bound = this.bounds[index] ?? '+Inf';
      return `${labelled(`${name}_bucket`, [labels, `le="${bound}"`].filter(Boolean).join(','))} ${count}`;
    });
    return [
      ...lines,
      `${labelled(`${name}_sum`, labels)} ${this.#sum}`,
      `${labelled(`${name}_count`, labels)} ${count}`,
    ];
  }
}
