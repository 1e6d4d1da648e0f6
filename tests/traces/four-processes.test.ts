import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import {
  type OtlpReceiver,
  type ReceivedMetric,
  type ReceivedSpan,
  startOtlpReceiver,
} from '../support/otlp-receiver.ts';
import { type Deployment, startFourProcesses } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { assertWhole, one } from './expected.ts';
import { SDK_SERVICE, TracedShop } from './traced-workflow.ts';
import { TraceTree } from './trace-tree.ts';

const NAMESPACE = 'forgetful';
const CREATE_NAMESPACE = path.join(import.meta.dirname, 'create-forgetful-namespace.ts');
const WITHIN_MS = 20_000;

interface World {
  readonly broker: NatsServer;
  readonly receiver: OtlpReceiver;
  readonly deployment: Deployment;
  readonly shop: TracedShop;
}
let world: World | undefined;
let tree = new TraceTree<ReceivedSpan>([]);
let workflowId = '';

before(async () => {
  const [broker, receiver] = [await startNatsServer(), await startOtlpReceiver()];
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '500',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
  const flags = ['--limit', 'worker.retentionSweepInterval=1s'];
  const deployment = await startFourProcesses({ nats: broker.url, env, flags });
  world = { broker, receiver, deployment, shop: new TracedShop(receiver.url) };
  execFileSync(process.execPath, [CREATE_NAMESPACE, deployment.databaseUrl, NAMESPACE]);
  const paid = await world.shop.pay(deployment.address, NAMESPACE);
  ({ workflowId } = paid);
  const traced = (): readonly ReceivedSpan[] => receiver.spans.filter(({ traceId }) => traceId === paid.traceId);
  const swept = (): boolean => traced().some(({ name }) => name === 'retention');
  await until(swept, { what: 'the run is removed after its retention', withinMs: WITHIN_MS });
  tree = new TraceTree(traced());
});

after(async () => {
  await world?.shop[Symbol.asyncDispose]();
  await world?.deployment.stop();
  await world?.receiver[Symbol.asyncDispose]();
  await world?.broker.stop();
});

test('one trace leads from the client through all services and back to the worker', () => {
  assertWhole(tree, workflowId);
  const services = ['frontend', 'history', 'matching', 'worker'].map((name) => `duramesh-${name}`);
  assert.deepEqual(tree.services, [...services, SDK_SERVICE]);
});

test('the removal of the run is told by the worker and the owner, in the trace of the run', () => {
  const retention = one(tree, 'duramesh-worker', 'retention');
  const removal = one(tree, 'duramesh-history', 'DeleteExpiredRun');
  assert.equal(retention.attributes['temporalWorkflowId'], workflowId);
  assert.equal(retention.parentSpanId, removal.parentSpanId);
});

test('why an activity has failed is an event of the call that said so', () => {
  const { events } = one(tree, 'duramesh-frontend', 'RespondActivityTaskFailed');
  assert.deepEqual(events, [{ name: 'task failed', attributes: { message: 'the bank is away' } }]);
});

test('a call of the bus is a step on either side', () => {
  const [client, server] = tree.spans.filter(({ name }) => name === 'history/startWorkflow');
  assert.deepEqual([client?.kind, server?.kind], [3, 2]);
  assert.equal(client?.attributes['duramesh.partition'], server?.attributes['duramesh.partition']);
});

/** Names that dashboards made for the reference ask for, of each process. */
const metricNames = `
  service_requests service_latency service_pending_requests client_requests client_latency
  persistence_requests persistence_latency visibility_persistence_requests persistence_commits
  task_requests task_latency_processing state_transition_count workflow_success
  poll_success poll_success_sync syncmatch_latency`
  .trim()
  .split(/\s+/);

test('the metrics of each process are sent by OTLP, under the names that dashboards know', async () => {
  const latest = (): ReadonlyMap<string, ReceivedMetric> =>
    new Map(world?.receiver.metrics.flat().map((metric) => [metric.name, metric]));
  const hasAll = (): boolean => metricNames.every((name) => (latest().get(name)?.points.length ?? 0) > 0);
  await until(hasAll, { what: `${metricNames.join(', ')} are sent`, withinMs: WITHIN_MS });
  const requests = latest().get('service_requests');
  assert.equal(requests?.kind, 'sum');
  assert.ok(requests.points.some(({ attributes }) => attributes['operation'] === 'StartWorkflowExecution'));
  const successes = latest().get('workflow_success')?.points;
  assert.deepEqual(successes, [{ attributes: { namespace: NAMESPACE }, value: 1, count: 0 }]);
  const [matched] = latest().get('syncmatch_latency')?.points ?? [];
  assert.ok(matched && matched.count > 0 && matched.value < WITHIN_MS / 1000, 'latencies are in seconds');
});
