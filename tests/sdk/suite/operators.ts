import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { until } from '../../support/until.ts';
import { assertSoundHistory, countOf, eventsOf, timeOf } from '../support/history-checks.ts';
import type { Lab } from '../support/lab.ts';
import { add, cancelledActivity, finish, sum, timer, waitAtGate } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

const namespace = 'default';
const DAY_MS = 24 * 60 * 60 * 1000;

async function pendingActivity(handle: Pick<WorkflowHandle, 'describe'>) {
  const [activity] = (await handle.describe()).raw.pendingActivities ?? [];
  assert.ok(activity, 'an activity is pending');
  return activity;
}

/** A workflow whose activity has failed once and will not be tried again within the hour. */
async function closedGate(lab: Lab) {
  const { client, taskQueue } = lab;
  const key = lab.id('gate');
  const handle = await client.workflow.start(waitAtGate, { workflowId: key, taskQueue, args: [key] });
  const waits = async (): Promise<boolean> => (await pendingActivity(handle)).attempt === 2;
  await until(waits, { what: 'the activity waits for its second attempt', withinMs: RESULT_WITHIN_MS });
  return { key, handle, target: { namespace, execution: { workflowId: key }, identity: 'operator', type: 'gate' } };
}

export const operatorTests: LabTests = (lab) => {
  test('a paused activity is not tried until it is unpaused, and then at once', async () => {
    const { client, ledger } = lab();
    const { key, handle, target } = await closedGate(lab());
    await client.workflowService.pauseActivity({ ...target, reason: 'the gate is being painted' });
    assert.equal((await pendingActivity(handle)).paused, true);
    ledger.once(`${key}/open`);
    await client.workflowService.unpauseActivity(target);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 2);
    assertSoundHistory(await eventsOf(handle));
  });

  test('a running activity learns that it is paused and is tried again after the pause', async () => {
    const { client, taskQueue, ledger } = lab();
    const key = lab().id('paused-running');
    const handle = await client.workflow.start(cancelledActivity, {
      workflowId: key,
      taskQueue,
      args: [key, 'WAIT_CANCELLATION_COMPLETED'],
    });
    await ledger.has(`${key}/started`, RESULT_WITHIN_MS);
    const target = { namespace, execution: { workflowId: key }, type: 'heartbeatUntilCancelled' };
    await client.workflowService.pauseActivity({ ...target, reason: 'later' });
    await ledger.has(`${key}/cancelled`, RESULT_WITHIN_MS);
    assert.equal(ledger.runs(`${key}/started`), 1);
    await client.workflowService.unpauseActivity(target);
    await until(() => ledger.runs(`${key}/started`) === 2, { what: 'it runs again', withinMs: RESULT_WITHIN_MS });
    await handle.cancel();
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'the activity was cancelled');
    assertSoundHistory(await eventsOf(handle));
  });

  test('an activity that is reset begins again with its first attempt', async () => {
    const { client, ledger } = lab();
    const { key, handle, target } = await closedGate(lab());
    ledger.once(`${key}/open`);
    await client.workflowService.resetActivity(target);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 1);
    assertSoundHistory(await eventsOf(handle));
  });

  test('new options change when a waiting activity is tried again', async () => {
    const { client, ledger } = lab();
    const { key, handle, target } = await closedGate(lab());
    ledger.once(`${key}/open`);
    const { activityOptions } = await client.workflowService.updateActivityOptions({
      ...target,
      activityOptions: { retryPolicy: { initialInterval: { nanos: 50_000_000 } } },
      updateMask: { paths: ['retry_policy.initial_interval'] },
    });
    assert.equal(activityOptions?.retryPolicy?.initialInterval?.nanos, 50_000_000);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 2);
    assertSoundHistory(await eventsOf(handle));
  });

  test('a paused workflow takes signals and does nothing until it is unpaused', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(sum, { workflowId: lab().id('paused'), taskQueue });
    const idle = async (): Promise<boolean> => countOf(await eventsOf(handle), 'workflowTaskCompleted') === 1;
    await until(idle, { what: 'the workflow waits for signals', withinMs: RESULT_WITHIN_MS });
    const target = { namespace, workflowId: handle.workflowId, identity: 'operator' };
    await client.workflowService.pauseWorkflowExecution({ ...target, reason: 'stocktaking' });
    await handle.signal(add, 5);
    await handle.signal(finish);
    assert.equal((await handle.describe()).status.name, 'PAUSED');
    assert.equal(countOf(await eventsOf(handle), 'workflowTaskScheduled'), 1);
    await client.workflowService.unpauseWorkflowExecution({ ...target, reason: 'done' });
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 5);
    assertSoundHistory(await eventsOf(handle));
  });

  test('a workflow that skips time sleeps for a day in an instant', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(timer, { workflowId: lab().id('skip'), taskQueue, args: [DAY_MS] });
    await client.workflowService.updateWorkflowExecutionOptions({
      namespace,
      workflowExecution: { workflowId: handle.workflowId },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
      updateMask: { paths: ['time_skipping_config'] },
    });
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'fired');
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    assert.ok(timeOf(events, 'timerFired') - timeOf(events, 'timerStarted') >= DAY_MS);
  });
};
