import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

const request = {
  workflowId: 'wf',
  requestId: 'request',
  workflowType: { name: 'type' },
  taskQueue: { name: 'queue' },
  workflowTaskTimeout: { seconds: 10 },
};

test('a run is explained by its shard, with its names, its status and what it waits for', async () => {
  const world = new HistoryWorld();
  await world.start();
  await world.do(world.client.startWorkflow({ namespace: NAMESPACE, request }));
  const call = { namespace: NAMESPACE, workflowId: 'wf', runId: '' };
  const told = await world.do(world.client.explainRun(call));
  assert.deepEqual([told.namespace, told.workflowId, told.workflowType], [NAMESPACE.name, 'wf', 'type']);
  assert.deepEqual([told.status, told.taskQueue, told.omitted], ['RUNNING', 'queue', 0]);
  assert.deepEqual(
    told.reasons.map(({ code }) => code),
    ['WORKFLOW_TASK_SCHEDULED'],
  );
});

test('what is asked of a run that is not there is NOT_FOUND', async () => {
  const world = new HistoryWorld();
  await world.start();
  const call = { namespace: NAMESPACE, workflowId: 'none', runId: '' };
  await assert.rejects(world.do(world.client.explainRun(call)), { code: 5 });
});
