export { createLogger, type LoggerOptions, type LogLevel, type LogSink } from './logger.ts';
export { MetricsRegistry } from './metrics-registry.ts';
export { noMetrics, silentLogger } from './silent.ts';
export {
  type HealthCheck,
  startTelemetryServer,
  type TelemetryServer,
  type TelemetryServerOptions,
} from './telemetry-server.ts';
export { childSpan, formatTraceparent, parseTraceparent, startTrace, type TraceContext } from './traceparent.ts';
