import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, QueryRejectedError, WorkflowFailedError } from '@temporalio/client';
import { assertSoundHistory, eventsOf } from '../support/history-checks.ts';
import { add, brittle, failNow, finish, sum, total } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

export const queryTests: LabTests = (lab) => {
  test('a query is refused by the state of the workflow when the caller asks for that', async () => {
    const { client, taskQueue } = lab();
    const { connection } = client;
    const open = new Client({ connection, workflow: { queryRejectCondition: 'NOT_OPEN' } });
    const clean = new Client({ connection, workflow: { queryRejectCondition: 'NOT_COMPLETED_CLEANLY' } });
    const { workflowId } = await client.workflow.start(brittle, { workflowId: lab().id('reject'), taskQueue });
    assert.equal(await open.workflow.getHandle(workflowId).query(total, 1), 7);
    await client.workflow.getHandle(workflowId).signal(finish);
    assert.equal(await lab().result(client.workflow.getHandle(workflowId), RESULT_WITHIN_MS), 7);
    await assert.rejects(open.workflow.getHandle(workflowId).query(total, 1), QueryRejectedError);
    assert.equal(await clean.workflow.getHandle(workflowId).query(total, 1), 7);
    const failing = await clean.workflow.start(brittle, { workflowId: lab().id('reject-failed'), taskQueue });
    await failing.signal(failNow);
    await assert.rejects(failing.result(), WorkflowFailedError);
    await assert.rejects(failing.query(total, 1), QueryRejectedError);
  });

  test('a workflow that has failed is queried like any other', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(brittle, { workflowId: lab().id('query-failed'), taskQueue });
    await handle.signal(failNow);
    await assert.rejects(handle.result(), WorkflowFailedError);
    assert.equal(await handle.query(total, 3), 21);
    assertSoundHistory(await eventsOf(handle));
  });

  test('what a query handler throws reaches the caller, and the workflow goes on', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(brittle, { workflowId: lab().id('query-throws'), taskQueue });
    await assert.rejects(handle.query(total, 0), /never so few/);
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 7);
  });

  test('a worker that keeps no workflow replays it for every task and every query', async () => {
    const { client } = lab();
    const taskQueue = lab().id('no-cache');
    const worker = await lab().startWorker(taskQueue, { maxCachedWorkflows: 0 });
    const handle = await client.workflow.start(sum, { workflowId: taskQueue, taskQueue });
    for (const seen of [1, 2, 3]) {
      await handle.signal(add, 1);
      assert.equal(await handle.query(total, 1), seen);
    }
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 3);
    assert.equal(await handle.query(total, 2), 6);
    await worker.stop();
    assertSoundHistory(await eventsOf(handle));
  });
};
