export { createMetrics, type Counter, type Family, type Gauge, type Histogram, type Metrics } from './metrics.ts';
export { observeProcess } from './process-metrics.ts';
export { observeStageLag } from './stage-lag.ts';
export { formatTraceparent, parseTraceparent, startSpan, type Span, type SpanOptions } from './trace.ts';
