/**
 * Loaded before the service (`node --import @tributary/telemetry/preload`). Starts the OpenTelemetry SDK only where a collector is named:
 * without one nothing leaves the process and the SDK's memory is not spent. No instrumentation is registered (it hooks every call).
 */
if (process.env['OTEL_EXPORTER_OTLP_ENDPOINT']) {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const serviceName = process.env['OTEL_SERVICE_NAME'] ?? process.env['SERVICE_NAME'];
  const sdk = new NodeSDK({ instrumentations: [], ...(serviceName ? { serviceName } : {}) });
  sdk.start();
  // The last spans leave with the process; the service's own shutdown goes on beside it.
  process.once('beforeExit', () => void sdk.shutdown());
}

export {};
