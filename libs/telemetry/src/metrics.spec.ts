import { createMetrics } from './metrics.ts';

describe('metrics', () => {
  it('renders counters, gauges and histograms as Prometheus reads them', () => {
    const metrics = createMetrics();
    const calls = metrics
      .counter('calls_total', 'Calls.', ['vendor', 'outcome'])
      .with({ vendor: 'acme', outcome: 'ok' });
    calls.add();
    calls.add(2);
    metrics.gauge('depth', 'Depth.').with({}).set(7);
    const seconds = metrics.histogram('seconds', 'Time.', ['vendor'], [0.1, 1]).with({ vendor: 'acme' });
    for (const value of [0.1, 0.5, 5]) seconds.observe(value);
    expect(metrics.render()).toBe(`# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{vendor="acme",outcome="ok"} 3
# HELP depth Depth.
# TYPE depth gauge
depth 7
# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{vendor="acme",le="0.1"} 1
seconds_bucket{vendor="acme",le="1"} 2
seconds_bucket{vendor="acme",le="+Inf"} 3
seconds_sum{vendor="acme"} 5.6
seconds_count{vendor="acme"} 3
`);
  });

  it('gives the same series for the same labels, also from a second declaration', () => {
    const metrics = createMetrics();
    metrics.counter('n', 'N.', ['a']).with({ a: 'x' }).add();
    metrics.counter('n', 'N.', ['a']).with({ a: 'x' }).add();
    expect(metrics.render()).toContain('n{a="x"} 2');
  });

  it('escapes what a label may not hold as it is', () => {
    const metrics = createMetrics();
    metrics.counter('n', 'N.', ['a']).with({ a: 'say "hi"\\\n' }).add();
    expect(metrics.render()).toContain('n{a="say \\"hi\\"\\\\\\n"} 1');
  });

  it('asks an observed value when it renders', () => {
    const metrics = createMetrics();
    let depth = 1;
    metrics.observed('depth', 'Depth.', () => depth);
    depth = 5;
    expect(metrics.render()).toContain('depth 5');
  });

  it('refuses two declarations that differ, and labels that are no closed set', () => {
    const metrics = createMetrics();
    const family = metrics.counter('n', 'N.', ['id']);
    expect(() => metrics.counter('n', 'N.', ['other'])).toThrow(/declared twice/);
    expect(() => {
      for (let id = 0; id < 3_000; id += 1) family.with({ id: String(id) });
    }).toThrow(/more than 2000 label sets/);
  });
});
