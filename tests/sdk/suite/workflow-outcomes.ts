import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { assertSoundHistory, eventsOf, nameOf, timeOf } from '../support/history-checks.ts';
import { until } from '../../support/until.ts';
import {
  cleanUpWhenCancelled,
  countDown,
  failWithStack,
  hello,
  sleepForever,
  succeedOnAttempt,
  timer,
} from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

/** What the client is told of a workflow that has not completed. */
async function causeOf(handle: Pick<WorkflowHandle, 'result'>): Promise<Error> {
  try {
    await handle.result();
  } catch (error) {
    assert.ok(error instanceof WorkflowFailedError, String(error));
    assert.ok(error.cause instanceof Error);
    return error.cause;
  }
  throw new Error('the workflow completed');
}

export const workflowOutcomeTests: LabTests = (lab) => {
  test('a workflow greets through an activity and its history is sound', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(hello, { workflowId: lab().id('hello'), taskQueue, args: ['world'] });
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'Hello, world!');
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    assert.deepEqual(events.map(nameOf).slice(0, 4), [
      'workflowExecutionStarted',
      'workflowTaskScheduled',
      'workflowTaskStarted',
      'workflowTaskCompleted',
    ]);
    assert.equal(events.filter((event) => nameOf(event) === 'activityTaskCompleted').length, 1);
  });

  test('a timer fires not before its time', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(timer, { workflowId: lab().id('timer'), taskQueue, args: [300] });
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'fired');
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    const waited = timeOf(events, 'timerFired') - timeOf(events, 'timerStarted');
    assert.ok(waited >= 300, `${waited} ms`);
  });

  test('a second workflow under a running id is refused', async () => {
    const { client, taskQueue } = lab();
    const workflowId = lab().id('twice');
    const handle = await client.workflow.start(sleepForever, { workflowId, taskQueue });
    await assert.rejects(
      client.workflow.start(sleepForever, { workflowId, taskQueue }),
      WorkflowExecutionAlreadyStartedError,
    );
    await handle.terminate();
  });

  test('a cancellation ends a sleeping workflow as cancelled', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(sleepForever, { workflowId: lab().id('cancel'), taskQueue });
    await handle.cancel();
    assert.ok((await causeOf(handle)) instanceof CancelledFailure);
    assert.equal((await handle.describe()).status.name, 'CANCELLED');
  });

  test('a workflow cleans up after its cancellation before it completes', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(cleanUpWhenCancelled, { workflowId: lab().id('clean-up'), taskQueue });
    await until(async () => (await eventsOf(handle)).some((event) => nameOf(event) === 'timerStarted'), {
      what: 'the workflow sleeps',
      withinMs: RESULT_WITHIN_MS,
    });
    await handle.cancel();
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'cleaned up');
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    assert.equal(events.filter((event) => nameOf(event) === 'timerCanceled').length, 1);
  });

  test('a termination ends a workflow at once, with its reason', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(sleepForever, { workflowId: lab().id('terminate'), taskQueue });
    await handle.terminate('enough');
    const cause = await causeOf(handle);
    assert.ok(cause instanceof TerminatedFailure);
    assert.match(cause.message, /enough/);
    assert.equal((await handle.describe()).status.name, 'TERMINATED');
  });

  test('a workflow that outlives its run timeout is timed out', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(sleepForever, {
      workflowId: lab().id('run-timeout'),
      taskQueue,
      workflowRunTimeout: '1s',
    });
    assert.ok((await causeOf(handle)) instanceof TimeoutFailure);
    assert.equal((await handle.describe()).status.name, 'TIMED_OUT');
  });

  test('runs that continue as new are one chain, and the client follows it to its end', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(countDown, { workflowId: lab().id('count'), taskQueue, args: [3] });
    const runs = await lab().result<readonly string[]>(handle, RESULT_WITHIN_MS);
    assert.equal(new Set(runs).size, 4);
    assert.equal(runs[0], handle.firstExecutionRunId);
    for (const [index, runId] of runs.entries()) {
      const run = client.workflow.getHandle(handle.workflowId, runId, { followRuns: false });
      assertSoundHistory(await eventsOf(run));
      assert.equal((await run.describe()).status.name, index < 3 ? 'CONTINUED_AS_NEW' : 'COMPLETED');
    }
  });

  test('a failure reaches the client with type, details, stack and cause', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(failWithStack, {
      workflowId: lab().id('fail'),
      taskQueue,
      args: ['no way'],
    });
    const cause = await causeOf(handle);
    assert.ok(cause instanceof ApplicationFailure);
    assert.deepEqual([cause.message, cause.type, cause.nonRetryable], ['no way', 'Hopeless', true]);
    assert.deepEqual(cause.details, ['a', 2]);
    assert.match(cause.stack ?? '', /deepInside[\s\S]*workflows\/outcomes\.ts/);
    assert.equal(cause.cause?.message, 'the reason behind');
  });

  test('a retry policy starts a failed workflow again until it succeeds', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(succeedOnAttempt, {
      workflowId: lab().id('retry'),
      taskQueue,
      args: [3],
      retry: { initialInterval: '100ms', backoffCoefficient: 1, maximumAttempts: 5 },
    });
    const outcome = await lab().result(handle, RESULT_WITHIN_MS);
    assert.deepEqual(outcome, { attempt: 3, firstRunId: handle.firstExecutionRunId });
  });

  test('a retry policy gives up after its last attempt', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(succeedOnAttempt, {
      workflowId: lab().id('give-up'),
      taskQueue,
      args: [9],
      retry: { initialInterval: '50ms', maximumAttempts: 2 },
    });
    assert.equal((await causeOf(handle)).message, 'attempt 2 fails');
  });
};
