import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry } from './metrics-registry.ts';

test('counters and gauges are exposed by their labels, escaped', () => {
  const registry = new MetricsRegistry();
  const requests = registry.counter('service_requests', 'Requests\nserved.');
  requests.add(1, { operation: 'Start', namespace: 'a' });
  requests.add(2, { operation: 'Start', namespace: 'a' });
  requests.add(1, { operation: 'Say "hi"\n\\' });
  registry.gauge('depth', 'Depth.').set(2.5);
  assert.equal(
    registry.expose(),
    [
      '# HELP service_requests Requests\\nserved.',
      '# TYPE service_requests counter',
      'service_requests{operation="Start",namespace="a"} 3',
      'service_requests{operation="Say \\"hi\\"\\n\\\\"} 1',
      '# HELP depth Depth.',
      '# TYPE depth gauge',
      'depth 2.5',
      '',
    ].join('\n'),
  );
});

test('a histogram counts up to each bound, inclusive, with sum and count', () => {
  const registry = new MetricsRegistry();
  const size = registry.histogram('batch_size', 'Bytes.');
  for (const value of [256, 257, 1e9]) size.observe(value, { kind: 'x' });
  const lines = registry.expose().split('\n');
  assert.ok(lines.includes('batch_size_bucket{kind="x",le="256"} 1'));
  assert.ok(lines.includes('batch_size_bucket{kind="x",le="1024"} 2'));
  assert.ok(lines.includes('batch_size_bucket{kind="x",le="16777216"} 2'));
  assert.ok(lines.includes('batch_size_bucket{kind="x",le="+Inf"} 3'));
  assert.ok(lines.includes('batch_size_sum{kind="x"} 1000000513'));
  assert.ok(lines.includes('batch_size_count{kind="x"} 3'));
});

test('the bounds follow the unit in the name', () => {
  const registry = new MetricsRegistry();
  registry.histogram('wait_seconds', '').observe(1);
  registry.histogram('wait_ms', '').observe(1);
  registry.histogram('attempts', '').observe(1);
  const text = registry.expose();
  assert.match(text, /wait_seconds_bucket\{le="0.0002"\} 0/);
  assert.match(text, /wait_ms_bucket\{le="0.2"\} 0/);
  assert.match(text, /attempts_bucket\{le="1"\} 1/);
});

test('asking twice gives the same instrument, asking for another kind or a bad name is a bug', () => {
  const registry = new MetricsRegistry();
  assert.equal(registry.counter('a', ''), registry.counter('a', ''));
  assert.throws(() => registry.gauge('a', ''), /metric a is a counter, not a gauge/);
  assert.throws(() => registry.counter('a-b', ''), /no name for a metric/);
});

test('labels objects may be reused and changed labels are told apart', () => {
  const registry = new MetricsRegistry();
  const counter = registry.counter('c', '');
  const labels = { a: '1' };
  counter.add(1, labels);
  counter.add(1, labels);
  counter.add(1, { a: '1' });
  counter.add(1, { a: '2' });
  counter.add(1);
  assert.match(registry.expose(), /c\{a="1"\} 3\nc\{a="2"\} 1\nc 1\n/);
});

test('gauges that are read are read at each exposition', () => {
  const registry = new MetricsRegistry();
  let depth = 0;
  const gauge = registry.gauge('depth', '');
  registry.beforeExpose(() => gauge.set((depth += 1)));
  assert.match(registry.expose(), /depth 1/);
  assert.match(registry.expose(), /depth 2/);
});
