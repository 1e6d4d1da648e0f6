import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { TerminatedFailure, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { until } from '../../support/until.ts';
import { assertSoundHistory, eventsOf, nameOf } from '../support/history-checks.ts';
import { add, finish, sleepForever, sum, timer, total } from '../workflows/index.ts';
import type { Lab } from '../support/lab.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

interface Base {
  readonly workflowId: string;
  readonly runId: string;
}

/** Resets the run to its first workflow task. @returns the id of the new run */
async function reset({ client }: Lab, base: Base, requestId: string = randomUUID()): Promise<string> {
  const handle = client.workflow.getHandle(base.workflowId, base.runId);
  const end = (await eventsOf(handle)).find((event) => nameOf(event) === 'workflowTaskCompleted');
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: base,
    reason: 'a test wants it again',
    requestId,
    workflowTaskFinishEventId: end?.eventId ?? null,
  });
  return runId;
}

async function remove({ client }: Lab, workflowId: string, runId?: string): Promise<void> {
  const workflowExecution = { workflowId, runId: runId ?? null };
  await client.workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution });
}

export const resetTests: LabTests = (lab) => {
  test('a reset run is replayed from its point, with the signals that came after it', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(sum, { workflowId: lab().id('reset'), taskQueue });
    const base = { workflowId: handle.workflowId, runId: handle.firstExecutionRunId };
    await handle.signal(add, 2);
    await handle.signal(add, 3);
    assert.equal(await handle.query(total, 1), 5);
    const requestId = randomUUID();
    const runId = await reset(lab(), base, requestId);
    assert.notEqual(runId, base.runId);
    assert.equal(await reset(lab(), base, requestId), runId, 'a repetition makes no second run');
    const again = client.workflow.getHandle(base.workflowId, runId);
    assert.equal(await again.query(total, 10), 50);
    await client.workflow.getHandle(base.workflowId).signal(add, 4);
    await again.signal(finish);
    assert.equal(await lab().result(again, RESULT_WITHIN_MS), 9);
    assertSoundHistory(await eventsOf(again));
    const left = client.workflow.getHandle(base.workflowId, base.runId);
    await assert.rejects(left.result(), (error) => {
      assert(error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure);
      assert.equal(error.cause.message, 'a test wants it again');
      return true;
    });
  });

  test('a reset shows from where and to where, and starts its times anew', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(sum, { workflowId: lab().id('reset-described'), taskQueue });
    assert.equal(await handle.query(total, 1), 0);
    const { workflowId, firstExecutionRunId } = handle;
    const runId = await reset(lab(), { workflowId, runId: firstExecutionRunId });
    const base = await client.workflow.getHandle(workflowId, firstExecutionRunId).describe();
    assert.equal(base.status.name, 'TERMINATED');
    assert.equal(base.raw.workflowExtendedInfo?.resetRunId, runId);
    const again = client.workflow.getHandle(workflowId);
    const current = await again.describe();
    assert.deepEqual([current.runId, current.status.name], [runId, 'RUNNING']);
    const { lastResetTime, originalStartTime } = current.raw.workflowExtendedInfo ?? {};
    assert.ok(lastResetTime && originalStartTime);
    assert.equal(current.raw.workflowExecutionInfo?.firstRunId, firstExecutionRunId);
    assert.ok(current.startTime >= base.startTime);
    await again.terminate('enough');
    assert.equal((await again.describe()).status.name, 'TERMINATED');
  });

  test('a completed workflow is reset and completes again', async () => {
    const { client, taskQueue } = lab();
    const options = { workflowId: lab().id('reset-completed'), taskQueue, args: [20] satisfies [number] };
    const handle = await client.workflow.start(timer, options);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'fired');
    const base = { workflowId: options.workflowId, runId: handle.firstExecutionRunId };
    const again = client.workflow.getHandle(base.workflowId, await reset(lab(), base));
    assert.equal(await lab().result(again, RESULT_WITHIN_MS), 'fired');
    assertSoundHistory(await eventsOf(again));
    const left = await client.workflow.getHandle(base.workflowId, base.runId).describe();
    assert.equal(left.status.name, 'COMPLETED');
  });

  test('a deleted workflow is not described, not listed and not known to its id', async () => {
    const { client, taskQueue } = lab();
    const workflowId = lab().id('deleted');
    const handle = await client.workflow.start(sleepForever, { workflowId, taskQueue });
    const waiting = handle.result().then(
      () => 'a result',
      (error: unknown) => error,
    );
    await remove(lab(), workflowId);
    const end = await waiting;
    assert(end instanceof WorkflowNotFoundError || end instanceof WorkflowFailedError, String(end));
    await until(
      async () =>
        handle.describe().then(
          () => false,
          (error: unknown) => error instanceof WorkflowNotFoundError,
        ),
      {
        what: 'the deleted workflow is not found',
        withinMs: RESULT_WITHIN_MS,
      },
    );
    assert.equal((await client.workflow.count(`WorkflowId = '${workflowId}'`)).count, 0);
    await assert.rejects(remove(lab(), workflowId));
    const policy = { workflowIdReusePolicy: 'REJECT_DUPLICATE' } as const;
    const next = await client.workflow.start(timer, { workflowId, taskQueue, args: [1], ...policy });
    assert.equal(await lab().result(next, RESULT_WITHIN_MS), 'fired');
  });
};
