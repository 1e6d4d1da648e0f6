import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { VirtualClock } from '@duramesh/testkit';
import { MetricsRegistry } from '../metrics-registry.ts';
import { producerOf } from './metrics.ts';

test('metrics are sent under the names, labels and values that are shown', async () => {
  const registry = new MetricsRegistry();
  registry.counter('service_requests', 'Requests received.').add(2, { operation: 'A' });
  registry.gauge('pending', 'Waiting.').set(7);
  const latency = registry.histogram('service_latency_seconds', 'How long.');
  for (const seconds of [0.001, 0.3, 10_000]) latency.observe(seconds, { operation: 'A' });
  const { resourceMetrics } = await producerOf(registry, new VirtualClock()).collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  assert.deepEqual(
    metrics.map(({ descriptor, dataPointType }) => [descriptor.name, dataPointType]),
    [
      ['service_requests', DataPointType.SUM],
      ['pending', DataPointType.GAUGE],
      ['service_latency_seconds', DataPointType.HISTOGRAM],
    ],
  );
  const points = metrics.map(({ dataPoints }) => dataPoints[0]);
  assert.deepEqual([points[0]?.value, points[0]?.attributes], [2, { operation: 'A' }]);
  assert.equal(points[1]?.value, 7);
  const histogram = points[2]?.value;
  assert.ok(typeof histogram === 'object' && 'buckets' in histogram);
  const { boundaries, counts } = histogram.buckets as { boundaries: number[]; counts: number[] };
  assert.deepEqual([histogram.count, counts.length, counts.at(-1)], [3, boundaries.length + 1, 1]);
});
