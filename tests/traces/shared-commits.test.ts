import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { startServer } from '../support/server-process.ts';

const STARTS = 40;
const SAMPLED_PART = 0.25;

/** Many workflows that are started at one time, as the server tells of them. */
async function startMany(sampling: NodeJS.ProcessEnv): Promise<readonly ReceivedSpan[]> {
  await using receiver = await startOtlpReceiver();
  await using server = await startServer({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...sampling } });
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection });
  const start = (index: number) => client.workflow.start('nobody', { workflowId: `many-${index}`, taskQueue: 'none' });
  // The first one finds everything cold.
  await start(0);
  await Promise.all(Array.from({ length: STARTS }, (_, index) => start(index + 1)));
  await connection.close();
  // A server that stops sends what it has.
  await server.stop();
  return receiver.spans;
}

const named = (spans: readonly ReceivedSpan[], name: string): readonly ReceivedSpan[] =>
  spans.filter((span) => span.name === name);

let all: readonly ReceivedSpan[] = [];
let part: readonly ReceivedSpan[] = [];
before(async () => {
  all = await startMany({});
  part = await startMany({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: String(SAMPLED_PART) });
});

test('a commit that several steps share is part of one of them, and linked with the others both ways', () => {
  const commits = new Map(named(all, 'commit').map((span) => [span.spanId, span]));
  const byId = new Map(all.map((span) => [span.spanId, span]));
  const shared = [...commits.values()].filter(({ links }) => links.length > 0);
  assert.ok(shared.length > 0, 'some commits are shared');
  for (const { spanId, links, attributes } of shared) {
    assert.ok(Number(attributes['duramesh.writes']) > links.length);
    for (const link of links) {
      const back = byId.get(link.spanId)?.links ?? [];
      assert.ok(
        back.some((it) => it.spanId === spanId),
        'who waited for the commit knows it',
      );
    }
  }
  const parents = new Set([...commits.values()].map(({ parentSpanId }) => parentSpanId));
  const transitions = named(all, 'transition StartWorkflow');
  assert.equal(transitions.length, STARTS + 1);
  for (const { spanId, links } of transitions) {
    assert.ok(parents.has(spanId) || links.some((link) => commits.has(link.spanId)), 'each has its commit');
  }
});

test('with a part of the traces sampled, each is recorded as a whole or not at all', () => {
  const traces = Object.values(Object.groupBy(part, ({ traceId }) => traceId));
  const started = traces.filter((spans) => spans?.some(({ name }) => name === 'StartWorkflowExecution'));
  assert.ok(started.length > 0 && started.length < STARTS, `${started.length} of ${STARTS + 1} are recorded`);
  for (const spans of started) {
    assert.equal(named(spans ?? [], 'transition StartWorkflow').length, 1);
    assert.equal(named(spans ?? [], 'DispatchWorkflowTask').length, 1);
  }
  const orphans = part.filter(
    ({ parentSpanId }) => parentSpanId !== '' && !part.some((it) => it.spanId === parentSpanId),
  );
  assert.deepEqual(orphans, []);
});
