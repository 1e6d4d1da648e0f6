import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { duramesh } from '../support/duramesh.ts';
import { assertWhole } from './expected.ts';
import { SDK_SERVICE, TracedShop } from './traced-workflow.ts';
import { TraceTree } from './trace-tree.ts';

test('in one process each step belongs to its service, also by gRPC', async () => {
  await using receiver = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  await using server = await startServer({ env });
  await using shop = new TracedShop(receiver.url);
  const { traceId, workflowId } = await shop.pay(server.address);
  // A server that stops sends what it has.
  await server.stop();
  const tree = new TraceTree(receiver.spans.filter((span) => span.traceId === traceId));
  assertWhole(tree, workflowId);
  assert.deepEqual(tree.services, ['duramesh-frontend', 'duramesh-history', 'duramesh-matching', SDK_SERVICE]);
});

test('a server that samples nothing sends nothing, and workflows run as ever', async () => {
  await using receiver = await startOtlpReceiver();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0',
  };
  await using server = await startServer({ env });
  await using shop = new TracedShop(receiver.url);
  await shop.pay(server.address);
  await server.stop();
  const services = new Set(receiver.spans.map(({ service }) => service));
  assert.deepEqual([...services], [SDK_SERVICE]);
});

test('a collector that is away is told, and workflows run as ever', async () => {
  await using receiver = await startOtlpReceiver();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  };
  await using server = await startServer({ env });
  await using shop = new TracedShop(receiver.url);
  await shop.pay(server.address);
  const isTold = (): boolean => server.log.includes('Traces or metrics could not be sent.');
  await until(isTold, { what: 'the log tells', withinMs: 20_000 });
});

test('a variable that means nothing ends the start with a sentence', async () => {
  const { code, err } = await duramesh(['start', '--db', 'memory:'], { OTEL_TRACES_EXPORTER: 'zipkin' });
  assert.equal(code, 2);
  assert.match(err, /OTEL_TRACES_EXPORTER is 'zipkin'; known here: otlp, none/);
});
