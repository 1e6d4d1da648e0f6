export type OtlpProtocol = 'grpc' | 'http/protobuf';

export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';

/** What OpenTelemetry's environment variables ask for. Where to and how the exporters read themselves. */
export interface OpenTelemetrySettings {
  /** Undefined: traces are off. */
  readonly traces: OtlpProtocol | undefined;
  /** Undefined: metrics are not sent anywhere; they can be fetched all the same. */
  readonly metrics: OtlpProtocol | undefined;
  readonly sampler: SamplerName;
  /** Of new traces, with the samplers that take a part. */
  readonly samplingRatio: number;
  /** Each service adds its own name to it. */
  readonly serviceName: string;
  /** Spans that wait to be sent; further ones are dropped. */
  readonly queueLimit: number;
  readonly batchLimit: number;
  readonly batchDelayMs: number;
  readonly exportTimeoutMs: number;
  readonly metricsIntervalMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PROTOCOLS = ['grpc', 'http/protobuf'] as const;
const EXPORTERS = ['otlp', 'none'] as const;
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const satisfies readonly SamplerName[];

/**
 * Traces are on where they are sent: with an endpoint for them or for everything, or with `OTEL_TRACES_EXPORTER=otlp`.
 * Metrics are sent when it is said of them.
 * @throws RangeError a sentence that names the variable, when its value means nothing to us
 */
export function openTelemetrySettings(env: Environment): OpenTelemetrySettings | undefined {
  const read = new Variables(env);
  if (read.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const traces = read.signal('TRACES', read.text('OTEL_EXPORTER_OTLP_ENDPOINT') !== undefined);
  const metrics = read.signal('METRICS', false);
  if (traces === undefined && metrics === undefined) return undefined;
  return {
    traces,
    metrics,
    sampler: read.oneOf('OTEL_TRACES_SAMPLER', SAMPLERS) ?? 'parentbased_always_on',
    samplingRatio: read.number('OTEL_TRACES_SAMPLER_ARG', 1, { least: 0, most: 1 }),
    serviceName: read.text('OTEL_SERVICE_NAME') ?? 'duramesh',
    queueLimit: read.number('OTEL_BSP_MAX_QUEUE_SIZE', 8192),
    batchLimit: read.number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    batchDelayMs: read.number('OTEL_BSP_SCHEDULE_DELAY', 5000),
    exportTimeoutMs: read.number('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
    metricsIntervalMs: read.number('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
  };
}

class Variables {
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** An empty variable is one that is not set. */
  text(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined;
  }

  oneOf<T extends string>(name: string, known: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = known.find((one) => one === text);
    if (found === undefined) throw new RangeError(`${name} is '${text}'; known here: ${known.join(', ')}`);
    return found;
  }

  number(name: string, otherwise: number, { least = 1, most = 2 ** 31 - 1 } = {}): number {
    const text = this.text(name);
    const value = text === undefined ? otherwise : Number(text);
    if (value >= least && value <= most) return value;
    throw new RangeError(`${name} is '${text}'; it must be a number from ${least} to ${most}`);
  }

  signal(signal: 'TRACES' | 'METRICS', otherwise: boolean): OtlpProtocol | undefined {
    const exporter = this.oneOf(`OTEL_${signal}_EXPORTER`, EXPORTERS);
    const isOn = exporter === 'otlp' || this.text(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) !== undefined || otherwise;
    if (exporter === 'none' || !isOn) return undefined;
    const own = this.oneOf(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, PROTOCOLS);
    return own ?? this.oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', PROTOCOLS) ?? 'http/protobuf';
  }
}
