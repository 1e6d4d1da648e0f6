import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WithStartWorkflowOperation, WorkflowUpdateFailedError, WorkflowUpdateStage } from '@temporalio/client';
import { assertSoundHistory, eventsOf, nameOf } from '../support/history-checks.ts';
import { account, deposit, depositLater, finish, withdrawAll } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

export const updateTests: LabTests = (lab) => {
  const open = (name: string) => {
    const { client, taskQueue } = lab();
    return client.workflow.start(account, { workflowId: lab().id(name), taskQueue });
  };

  test('updates are applied once each, in turn and at the same time', async () => {
    const handle = await open('updates');
    assert.equal(await handle.executeUpdate(deposit, { args: [1] }), 1);
    const amounts = [2, 3, 4, 5, 6];
    await Promise.all(amounts.map((amount) => handle.executeUpdate(deposit, { args: [amount] })));
    const updateId = 'once';
    assert.equal(await handle.executeUpdate(deposit, { args: [10], updateId }), 31);
    assert.equal(await handle.executeUpdate(deposit, { args: [10], updateId }), 31);
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 31);
    assertSoundHistory(await eventsOf(handle));
  });

  test('a rejected update leaves no event, and the worker goes on where it was', async () => {
    const handle = await open('rejected');
    await handle.executeUpdate(deposit, { args: [1] });
    const before = (await eventsOf(handle)).length;
    for (let i = 0; i < 3; i++) {
      await assert.rejects(handle.executeUpdate(deposit, { args: [-1] }), WorkflowUpdateFailedError);
    }
    assert.equal((await eventsOf(handle)).length, before);
    assert.equal(await handle.executeUpdate(deposit, { args: [2] }), 3);
    await assert.rejects(handle.executeUpdate(deposit, { args: [0] }), WorkflowUpdateFailedError);
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 3);
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    assert.ok(events.every((event) => nameOf(event) !== 'workflowTaskFailed'));
  });

  test('an update is accepted first, and its outcome is read when it is there', async () => {
    const handle = await open('accepted');
    const update = await handle.startUpdate(depositLater, {
      args: [5, 500],
      waitForStage: WorkflowUpdateStage.ACCEPTED,
    });
    assert.equal(await handle.getUpdateHandle<number>(update.updateId).result(), 5);
    await assert.rejects(handle.executeUpdate(withdrawAll), WorkflowUpdateFailedError);
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 5);
    assertSoundHistory(await eventsOf(handle));
  });

  test('a workflow is started with an update, and updated by the same call while it runs', async () => {
    const { client, taskQueue } = lab();
    const workflowId = lab().id('with-start');
    const operation = () =>
      new WithStartWorkflowOperation(account, { workflowId, taskQueue, workflowIdConflictPolicy: 'USE_EXISTING' });
    const started = { args: [1] as [number], startWorkflowOperation: operation() };
    assert.equal(await client.workflow.executeUpdateWithStart(deposit, started), 1);
    const second = operation();
    const joined = { args: [2] as [number], startWorkflowOperation: second };
    assert.equal(await client.workflow.executeUpdateWithStart(deposit, joined), 3);
    const handle = await second.workflowHandle();
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 3);
    assertSoundHistory(await eventsOf(handle));
  });
};
