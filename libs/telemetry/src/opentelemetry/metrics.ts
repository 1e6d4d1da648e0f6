import type { Clock } from '@duramesh/runtime';
import { ValueType } from '@opentelemetry/api';
import { emptyResource, type Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  type MetricData,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import type { Measured, MetricsRegistry, Reading } from '../metrics-registry.ts';
import type { OtlpProtocol } from '../opentelemetry-settings.ts';

type HrTime = [seconds: number, nanoseconds: number];

interface MetricsOptions {
  readonly registry: MetricsRegistry;
  readonly resource: Resource;
  readonly intervalMs: number;
  readonly clock: Clock;
}

/** Sends what the registry holds, again and again. @returns what ends it, after one last time */
export async function startMetrics(
  protocol: OtlpProtocol,
  { registry, resource, intervalMs, clock }: MetricsOptions,
): Promise<() => Promise<void>> {
  const exporter = await exporterFor(protocol);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: intervalMs,
    metricProducers: [producerOf(registry, clock)],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return () => provider.shutdown();
}

async function exporterFor(protocol: OtlpProtocol): Promise<PushMetricExporter> {
  if (protocol === 'grpc') {
    const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-grpc');
    return new OTLPMetricExporter();
  }
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
  return new OTLPMetricExporter();
}

/** The registry as the SDK reads it: the names and values that `/metrics` shows. */
export function producerOf(registry: MetricsRegistry, clock: Clock): MetricProducer {
  const startTime = hrTime(clock.now());
  return {
    async collect() {
      const endTime = hrTime(clock.now());
      const times = { startTime, endTime };
      const metrics = registry.read().map((measured) => metricOf(measured, times));
      const scopeMetrics = [{ scope: { name: 'duramesh' }, metrics }];
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
    },
  };
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function metricOf({ name, help, type, readings }: Measured, times: Times): MetricData {
  const shared = {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const pointOf = ({ labels, value }: Reading) => ({ ...times, attributes: labels, value });
  switch (type) {
    case 'histogram':
      return { ...shared, dataPointType: DataPointType.HISTOGRAM, dataPoints: readings.flatMap(histogramPoint(times)) };
    case 'counter':
      return { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: readings.map(pointOf) };
    case 'gauge':
      return { ...shared, dataPointType: DataPointType.GAUGE, dataPoints: readings.map(pointOf) };
  }
}

const histogramPoint =
  (times: Times) =>
  ({ labels, value: sum, buckets }: Reading) => {
    if (buckets === undefined) return [];
    const counts = [...buckets.counts];
    const count = counts.reduce((total, one) => total + one, 0);
    const value = { buckets: { boundaries: [...buckets.bounds], counts }, sum, count };
    return [{ ...times, attributes: labels, value }];
  };

const hrTime = (epochMs: number): HrTime => {
  const seconds = Math.floor(epochMs / 1000);
  return [seconds, Math.round((epochMs - seconds * 1000) * 1e6)];
};
