import assert from 'node:assert/strict';
import { SDK_SERVICE } from './traced-workflow.ts';
import type { TraceTree, TreeSpan } from './trace-tree.ts';

const start = [
  `${SDK_SERVICE}: pay`,
  `${SDK_SERVICE}: StartWorkflow:payment`,
  'duramesh-frontend: StartWorkflowExecution',
  'duramesh-frontend: history/startWorkflow',
  'duramesh-history: history/startWorkflow',
];
const toPoll = ['duramesh-matching: match', 'duramesh-frontend: PollWorkflowTaskQueue'];

/** Steps of the payment that its trace must hold, from the client's first span on. */
const paths: readonly (readonly string[])[] = [
  [...start, 'duramesh-history: transition StartWorkflow', 'duramesh-history: commit'],
  [...start, 'duramesh-history: DispatchWorkflowTask', ...toPoll],
  [
    ...start,
    'duramesh-history: DispatchWorkflowTask',
    ...toPoll,
    'duramesh-frontend: history/recordWorkflowTaskStarted',
    'duramesh-history: history/recordWorkflowTaskStarted',
    'duramesh-history: transition StartWorkflowTask',
    'duramesh-history: commit',
  ],
  // A worker's calls come without a trace of their own, and time comes from nowhere: both belong to the run.
  [...start, 'duramesh-frontend: RespondWorkflowTaskCompleted'],
  [...start, 'duramesh-history: transition WakeUp'],
  [...start, 'duramesh-history: DispatchActivityTask', toPoll[0] ?? '', 'duramesh-frontend: PollActivityTaskQueue'],
  [...start, 'duramesh-frontend: RespondActivityTaskFailed'],
  [...start, 'duramesh-frontend: RespondActivityTaskCompleted'],
  [`${SDK_SERVICE}: pay`, `${SDK_SERVICE}: SignalWorkflow:approve`, 'duramesh-frontend: SignalWorkflowExecution'],
  [...start.slice(0, 2), `${SDK_SERVICE}: RunWorkflow:payment`],
];

/** One tree, and everything in it that one payment does. */
export function assertWhole(tree: TraceTree, workflowId: string): void {
  assert.deepEqual(
    tree.roots.map(({ service, name }) => `${service}: ${name}`),
    start.slice(0, 1),
  );
  const found = new Set(tree.spans.map((span) => tree.pathOf(span).join(' > ')));
  for (const path of paths) assert.ok(found.has(path.join(' > ')), `the trace lacks ${path.join(' > ')}`);
  const transition = one(tree, 'duramesh-history', 'transition StartWorkflow');
  const { attributes } = transition;
  assert.equal(attributes['temporalWorkflowId'], workflowId);
  assert.equal(attributes['temporalWorkflowType'], 'payment');
  assert.equal(attributes['duramesh.events'], 2);
  assert.match(String(attributes['temporalRunId']), /^[0-9a-f-]{36}$/);
  const attempts = tree.named('duramesh-matching', 'match').map((span) => span.attributes['duramesh.attempt']);
  assert.ok(attempts.includes(2), 'the second attempt of the activity says that it is one');
}

export function one<S extends TreeSpan>(tree: TraceTree<S>, service: string, name: string): S {
  const [span, ...others] = tree.named(service, name);
  assert.ok(span !== undefined && others.length === 0, `there is one ${service}: ${name}, not ${others.length + 1}`);
  return span;
}
