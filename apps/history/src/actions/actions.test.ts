import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '@duramesh/contracts';
import { decodeState, outstandingTasks } from '@duramesh/engine';
import type { WriteFate } from '@duramesh/persistence/memory';
import { HandWorker } from '../testing/hand-worker.ts';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

const startChild = (parentClosePolicy = 1) => ({
  commandType: 11,
  startChildWorkflowExecutionCommandAttributes: {
    workflowId: 'child',
    workflowType: { name: 'type' },
    parentClosePolicy,
  },
});
const signalExternal = (workflowId: string) => ({
  commandType: 12,
  signalExternalWorkflowExecutionCommandAttributes: { execution: { workflowId }, signalName: 'go' },
});
const cancelExternal = (workflowId: string) => ({
  commandType: 8,
  requestCancelExternalWorkflowExecutionCommandAttributes: { workflowId },
});
const complete = { commandType: 4, completeWorkflowExecutionCommandAttributes: {} };

async function world(): Promise<{ readonly world: HistoryWorld; readonly worker: HandWorker }> {
  const started = new HistoryWorld();
  await started.start();
  await started.startWorkflow('parent', 'request');
  return { world: started, worker: new HandWorker(started) };
}

const count = (names: readonly string[], name: string): number => names.filter((one) => one === name).length;

/** What runs have left to tell others. */
const left = ({ database }: HistoryWorld): readonly string[] =>
  [...database.runs.values()].flatMap(({ info, items }) =>
    outstandingTasks(decodeState(info, [...items.values()]))
      .map(({ type }) => type)
      .filter((type) => !type.startsWith('Dispatch')),
  );

test('a child begins after its parent knows of it, and its end comes back', async () => {
  const { world: one, worker } = await world();
  await worker.answer('parent', [startChild()]);
  await worker.answer('child', [complete]);
  await worker.sees('parent', 'ChildWorkflowExecutionCompleted');
  assert.deepEqual(worker.history('child').slice(0, 2), ['WorkflowExecutionStarted', 'WorkflowTaskScheduled']);
  await one.clock.advance(1_000);
  assert.deepEqual(left(one), []);
});

/** Whatever becomes of a write whose reply is lost. */
const FATES: readonly WriteFate[] = [{ landsAfterMs: 0 }, { landsAfterMs: undefined }, { landsAfterMs: 500 }];

for (const fate of FATES) {
  const what = JSON.stringify(fate);
  test(`whichever reply of the store is lost, a child starts once and ends once: ${what}`, async () => {
    for (let lost = 0; lost < 8; lost++) {
      const { world: one, worker } = await world();
      one.fates.push(...Array.from({ length: lost }, () => 'answered' as const), fate);
      await worker.answer('parent', [startChild(), signalExternal('child')]).catch(() => undefined);
      await worker.answer('child', [complete]);
      await worker.sees('parent', 'ChildWorkflowExecutionCompleted');
      await one.clock.advance(40_000);
      const parent = worker.history('parent');
      for (const name of ['ChildWorkflowExecutionStarted', 'ChildWorkflowExecutionCompleted']) {
        assert.equal(count(parent, name), 1, `${name} after ${lost} answered writes`);
      }
      const signaled = count(parent, 'ExternalWorkflowExecutionSignaled');
      assert.ok(count(worker.history('child'), 'WorkflowExecutionSignaled') >= signaled);
      assert.deepEqual(left(one), []);
    }
  });
}

test('what a closed parent has not told its child yet, the next owner does', async () => {
  const { world: one, worker } = await world();
  await worker.answer('parent', [startChild()]);
  await worker.sees('child', 'WorkflowTaskScheduled');
  const terminate = { workflowExecution: { workflowId: 'parent' }, reason: 'over' };
  const terminated = one.client.terminateWorkflow({ namespace: NAMESPACE, request: terminate, source: undefined });
  await one.do(terminated.then(() => one.service?.stop()));
  assert.equal(count(worker.history('child'), 'WorkflowExecutionTerminated'), 0);
  await one.start('history-1');
  await worker.sees('child', 'WorkflowExecutionTerminated');
  await one.clock.advance(1_000);
  assert.deepEqual(left(one), []);
});

test('a run that has something left to tell is not removed', async () => {
  const { world: one, worker } = await world();
  await worker.answer('parent', [startChild(3)]);
  await worker.sees('child', 'WorkflowTaskScheduled');
  await one.clock.advance(1_000);
  const request = { workflowExecution: { workflowId: 'parent' } };
  const runId = [...one.database.runs.values()].find(({ key }) => key.workflowId === 'parent')?.key.runId ?? '';
  const terminate = () => one.client.terminateWorkflow({ namespace: NAMESPACE, request, source: undefined });
  const remove = () => one.client.deleteExpiredRun({ namespace: NAMESPACE, workflowId: 'parent', runId });
  await assert.rejects(
    one.do(terminate().then(remove)),
    (error) => error instanceof ServiceError && error.message === 'the run has something left to tell other workflows',
  );
  await worker.sees('child', 'WorkflowExecutionCancelRequested');
  await one.clock.advance(1_000);
  await one.do(remove());
  assert.deepEqual(worker.history('parent'), []);
});

test('nobody signals or cancels himself, nor who is not there', async () => {
  const { worker } = await world();
  await worker.answer('parent', [signalExternal('parent'), cancelExternal('parent'), signalExternal('nobody')]);
  await worker.answer('parent');
  const names = worker.history('parent');
  assert.equal(count(names, 'SignalExternalWorkflowExecutionFailed'), 2);
  assert.equal(count(names, 'RequestCancelExternalWorkflowExecutionFailed'), 1);
});

/** A request to begin a child that the first workflow task of the parent has initiated. */
function childOf(one: HistoryWorld, workflowId: string, requestId: string) {
  const runId = [...one.database.runs.values()].find(({ key }) => key.workflowId === 'parent')?.key.runId ?? '';
  const request = { workflowId, workflowType: { name: 'type' }, taskQueue: { name: 'queue' }, requestId };
  const parent = { workflowId: 'parent', runId, initiatedEventId: 5, childWorkflowOnly: false, baseRunIds: [] };
  const root = { workflowId: 'parent', runId };
  return { namespace: NAMESPACE, request, parent, root, timeSkipping: undefined };
}

test('a child that nobody knows of any more finds out by asking', async () => {
  const { world: one, worker } = await world();
  await one.do(one.client.startChildWorkflow(childOf(one, 'orphan', 'r')));
  await one.clock.advance(20_000);
  assert.deepEqual(worker.history('orphan'), ['WorkflowExecutionStarted']);
  await worker.sees('orphan', 'WorkflowExecutionTerminated');
  await one.clock.advance(1_000);
  assert.deepEqual(left(one), []);
});

// The request is one that an earlier owner of the parent has sent again (simulation seed 13415).
test('a child that is begun after its start was recorded as failed never runs, and ends', async () => {
  const { world: one, worker } = await world();
  await one.startWorkflow('child', 'another');
  await worker.answer('parent', [startChild()]);
  await worker.sees('parent', 'StartChildWorkflowExecutionFailed');
  await worker.answer('child', [complete]);
  const ended = worker.history('child').length;
  await one.do(one.client.startChildWorkflow(childOf(one, 'child', 'late')));
  await worker.sees('child', 'WorkflowExecutionTerminated');
  assert.deepEqual(worker.history('child').slice(ended), ['WorkflowExecutionStarted', 'WorkflowExecutionTerminated']);
  assert.equal(count(worker.history('parent'), 'ChildWorkflowExecutionStarted'), 0);
});
