export { createLogger, type LoggerOptions, type LogLevel, type LogSink } from './logger.ts';
export { type Measured, MetricsRegistry, type Reading } from './metrics-registry.ts';
export { type OpenTelemetrySettings, openTelemetrySettings } from './opentelemetry-settings.ts';
export { noMetrics, silentLogger } from './silent.ts';
export {
  type HealthCheck,
  startTelemetryServer,
  type TelemetryServer,
  type TelemetryServerOptions,
} from './telemetry-server.ts';
export { childSpan, formatTraceparent, parseTraceparent, startTrace, type TraceContext } from './traceparent.ts';
