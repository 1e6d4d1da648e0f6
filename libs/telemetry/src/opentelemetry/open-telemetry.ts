import type { Clock, Logger, Tracer } from '@duramesh/runtime';
import { diag, type DiagLogger, DiagLogLevel } from '@opentelemetry/api';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, type Sampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { MetricsRegistry } from '../metrics-registry.ts';
import type { OpenTelemetrySettings, OtlpProtocol } from '../opentelemetry-settings.ts';
import { samplerOf } from './sampler.ts';
import { ActiveFrames, OpenTelemetryTracer } from './tracer.ts';

export interface OpenTelemetryOptions {
  readonly settings: OpenTelemetrySettings;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Of this program. */
  readonly version: string;
  /** Tells processes of one service apart. */
  readonly instanceId: string;
}

/** Sends the traces and metrics of one process. */
export interface OpenTelemetry {
  /** Steps of one service of this process; undefined when traces are off. */
  readonly tracerOf: ((service: string) => Tracer) | undefined;
  /** The trace context of what runs now; empty when it belongs to no trace. */
  current(): string;
  /** Sends what the registry holds, from now on, if that is wanted. */
  sendMetrics(registry: MetricsRegistry): Promise<void>;
  /** Sends what waits, for three seconds at most, and ends. */
  stop(): Promise<void>;
}

const STOP_WITHIN_MS = 3_000;

/** Where to and with which headers, certificates and compression the exporters read from the environment. */
export async function startOpenTelemetry(options: OpenTelemetryOptions): Promise<OpenTelemetry> {
  const { settings, logger } = options;
  diag.setLogger(new DiagnosticsLog(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const stops: (() => Promise<void>)[] = [];
  const frames = new ActiveFrames();
  return {
    tracerOf: settings.traces && (await startTraces(settings.traces, options, { frames, stops })),
    current: () => frames.current?.traceparent ?? '',
    async sendMetrics(registry) {
      if (settings.metrics === undefined) return;
      const { startMetrics } = await import('./metrics.ts');
      const resource = resourceOf(options, settings.serviceName);
      const {
        clock,
        settings: { metricsIntervalMs: intervalMs },
      } = options;
      stops.push(await startMetrics(settings.metrics, { registry, resource, intervalMs, clock }));
    },
    async stop() {
      const stopped = Promise.allSettled(stops.map((stop) => stop()));
      // A collector that is away must not keep the process.
      await Promise.race([stopped, options.clock.sleep(STOP_WITHIN_MS)]);
    },
  };
}

async function startTraces(
  protocol: OtlpProtocol,
  options: OpenTelemetryOptions,
  { frames, stops }: { readonly frames: ActiveFrames; readonly stops: (() => Promise<void>)[] },
): Promise<(service: string) => Tracer> {
  const { settings, version } = options;
  const { OTLPTraceExporter } =
    protocol === 'grpc'
      ? await import('@opentelemetry/exporter-trace-otlp-grpc')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    maxQueueSize: settings.queueLimit,
    maxExportBatchSize: Math.min(settings.batchLimit, settings.queueLimit),
    scheduledDelayMillis: settings.batchDelayMs,
    exportTimeoutMillis: settings.exportTimeoutMs,
  });
  stops.push(() => processor.shutdown());
  const sampler: Sampler = samplerOf(settings);
  // A provider for each service: which service a step belongs to is an attribute of the provider.
  return (service) => {
    const resource = resourceOf(options, `${settings.serviceName}-${service}`);
    const provider = new TracerProvider({ resource, sampler, spanProcessors: [processor] });
    return new OpenTelemetryTracer(provider.getTracer('duramesh', version), frames);
  };
}

/** What `OTEL_RESOURCE_ATTRIBUTES` says comes along; of whom it is we know better. */
function resourceOf({ version, instanceId }: OpenTelemetryOptions, serviceName: string): Resource {
  const own = resourceFromAttributes({
    'service.name': serviceName,
    'service.version': version,
    'service.instance.id': instanceId,
  });
  return detectResources({ detectors: [resourceAttributesEnvDetector] }).merge(own);
}

/** What the SDK has to say, a collector that is away say. */
class DiagnosticsLog implements DiagLogger {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  error(message: string): void {
    this.#logger.warn({ detail: sentenceOf(message) }, 'Traces or metrics could not be sent.');
  }

  warn(message: string): void {
    this.error(message);
  }

  info(): void {}
  debug(): void {}
  verbose(): void {}
}

/** Errors come as JSON texts, with their stacks. */
function sentenceOf(message: string): string {
  try {
    const { message: sentence } = JSON.parse(message) as { readonly message?: unknown };
    return typeof sentence === 'string' ? sentence : message;
  } catch {
    return message;
  }
}
