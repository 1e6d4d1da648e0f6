import assert from 'node:assert/strict';
import test from 'node:test';
import { decodeState, type ExecutionState } from '@duramesh/engine';
import { must } from '@duramesh/runtime';
import { HandWorker } from '../testing/hand-worker.ts';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

const startChild = {
  commandType: 11,
  startChildWorkflowExecutionCommandAttributes: { workflowId: 'child', workflowType: { name: 'type' } },
};
const complete = { commandType: 4, completeWorkflowExecutionCommandAttributes: {} };

const stateOf = ({ database }: HistoryWorld, runId: string): ExecutionState => {
  const row = must(
    [...database.runs.values()].find(({ key }) => key.runId === runId),
    `run ${runId} is stored`,
  );
  return decodeState(row.info, [...row.items.values()]);
};

/** A parent whose child is started: 5 initiates it, 6 tells of its start, 7 to 9 are the workflow task after that. */
async function family(): Promise<{ readonly world: HistoryWorld; readonly worker: HandWorker; readonly base: string }> {
  const world = new HistoryWorld();
  await world.start();
  const { runId: base = '' } = await world.startWorkflow('parent', 'request');
  const worker = new HandWorker(world);
  await worker.answer('parent', [startChild]);
  await worker.sees('parent', 'ChildWorkflowExecutionStarted');
  await worker.answer('parent');
  return { world, worker, base };
}

async function reset(world: HistoryWorld, runId: string, workflowTaskFinishEventId: number): Promise<string> {
  const workflowExecution = { workflowId: 'parent', runId };
  const requestId = `reset of ${runId}`;
  const request = { workflowExecution, workflowTaskFinishEventId, requestId, reason: 'again' };
  return (await world.do(world.client.resetWorkflow({ namespace: NAMESPACE, request }))).runId ?? '';
}

test('the end of a child comes to the run that its parent was reset to, over several resets', async () => {
  const { world, worker, base } = await family();
  const first = await reset(world, base, 9);
  const second = await reset(world, first, 9);
  assert.equal(stateOf(world, second).children.size, 1);
  await worker.answer('child', [complete]);
  await worker.sees('parent', 'ChildWorkflowExecutionCompleted');
  await world.clock.advance(1_000);
  assert.equal(stateOf(world, second).children.size, 0);
  assert.equal(stateOf(world, first).children.size, 1);
});

test('a child that was initiated after the point is none of the new run, lives on, and keeps its id', async () => {
  const { world, worker, base } = await family();
  const next = await reset(world, base, 4);
  await worker.answer('parent', [startChild]);
  await worker.sees('parent', 'StartChildWorkflowExecutionFailed');
  await worker.answer('child', [complete]);
  await world.clock.advance(1_000);
  assert.deepEqual([...stateOf(world, next).children.keys()], []);
  assert.deepEqual(
    worker.history('parent').filter((name) => name === 'ChildWorkflowExecutionCompleted'),
    [],
  );
});

test('the close of the new run tells the children that it has from its base', async () => {
  const { world, worker, base } = await family();
  await reset(world, base, 9);
  await worker.answer('parent', [complete]);
  await worker.sees('child', 'WorkflowExecutionTerminated');
});

test('a child that has told the closed base of its end is asked by the run that a later reset makes', async () => {
  const { world, worker, base } = await family();
  await world.signal('end', 'parent');
  await worker.answer('parent', [complete]);
  await worker.sees('child', 'WorkflowExecutionTerminated');
  await world.clock.advance(1_000);
  const next = await reset(world, base, 9);
  await worker.sees('parent', 'ChildWorkflowExecutionTerminated');
  assert.equal(stateOf(world, next).children.size, 0);
});

test('a child that goes on when its parent is reset is asked once, and tells its end when that comes', async () => {
  const { world, worker, base } = await family();
  const next = await reset(world, base, 9);
  await world.clock.advance(1_000);
  assert.deepEqual(
    [...stateOf(world, next).children.values()].map(({ endAsked }) => endAsked),
    [true],
  );
  await worker.answer('child', [complete]);
  await worker.sees('parent', 'ChildWorkflowExecutionCompleted');
});
