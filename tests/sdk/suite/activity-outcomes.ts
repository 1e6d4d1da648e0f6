import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityFailure, ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { assertSoundHistory, eventsOf, nameOf } from '../support/history-checks.ts';
import {
  failingActivity,
  localActivities,
  longLocalActivity,
  retriedActivity,
  timedOutActivity,
} from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

export const activityOutcomeTests: LabTests = (lab) => {
  test('a failed activity is tried again and finds the details of its last heartbeat', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(retriedActivity, {
      workflowId: lab().id('flaky'),
      taskQueue,
      args: [3],
    });
    assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), { attempt: 3, heartbeat: { from: 2 } });
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    const started = events.filter((event) => nameOf(event) === 'activityTaskStarted');
    assert.equal(started.length, 1, 'attempts in between are no events');
    assert.equal(started[0]?.activityTaskStartedEventAttributes?.attempt, 3);
  });

  for (const { name, activity, options, wanted } of [
    {
      name: 'an activity that runs too long meets its start-to-close timeout',
      activity: 'hang',
      options: { startToCloseTimeout: '1s', retry: { maximumAttempts: 1 } },
      wanted: { timeoutType: 'START_TO_CLOSE', lastHeartbeat: undefined },
    },
    {
      name: 'an activity that no worker takes meets its schedule-to-start timeout',
      activity: 'hang',
      options: { scheduleToStartTimeout: '1s', startToCloseTimeout: '1m', taskQueue: 'nobody-polls-here' },
      wanted: { timeoutType: 'SCHEDULE_TO_START', lastHeartbeat: undefined },
    },
    {
      name: 'an activity that has no time left for another attempt meets its schedule-to-close timeout',
      activity: 'hang',
      options: { scheduleToCloseTimeout: '1s', startToCloseTimeout: '1m' },
      wanted: { timeoutType: 'SCHEDULE_TO_CLOSE', lastHeartbeat: undefined },
    },
    {
      name: 'an activity that falls silent meets its heartbeat timeout with its last details',
      activity: 'heartbeatOnce',
      options: { startToCloseTimeout: '1m', heartbeatTimeout: '1s', retry: { maximumAttempts: 1 } },
      wanted: { timeoutType: 'HEARTBEAT', lastHeartbeat: 'the last sign of life' },
    },
  ] as const) {
    test(name, async () => {
      const { client, taskQueue } = lab();
      const handle = await client.workflow.start(timedOutActivity, {
        workflowId: lab().id('timeout'),
        taskQueue,
        args: [activity, options],
      });
      const { activityType, timeoutType, lastHeartbeat } = await lab().result<{
        activityType: string;
        timeoutType: string;
        lastHeartbeat?: unknown;
      }>(handle, RESULT_WITHIN_MS);
      assert.deepEqual({ activityType, timeoutType, lastHeartbeat }, { activityType: activity, ...wanted });
      assertSoundHistory(await eventsOf(handle));
    });
  }

  test('local activities run inside the workflow task, with retries, and leave markers', async () => {
    const { client, taskQueue, ledger } = lab();
    const key = lab().id('local');
    const handle = await client.workflow.start(localActivities, { workflowId: key, taskQueue, args: [key] });
    assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), ['done', 3]);
    assert.equal(ledger.runs(key), 1);
    const names = (await eventsOf(handle)).map(nameOf);
    assert.equal(names.filter((name) => name === 'markerRecorded').length, 2);
    assert.ok(!names.includes('activityTaskScheduled'));
  });

  test('a local activity longer than the workflow task timeout keeps its task alive', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(longLocalActivity, {
      workflowId: lab().id('long-local'),
      taskQueue,
      args: [7_000],
      // The worker asks for more time when four fifths are over; the rest is for the slowest of the databases.
      workflowTaskTimeout: '3s',
    });
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 7_000);
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    const names = events.map(nameOf);
    assert.ok(names.filter((name) => name === 'workflowTaskCompleted').length >= 3, names.join(' '));
    assert.ok(!names.includes('workflowTaskTimedOut') && !names.includes('workflowTaskFailed'), names.join(' '));
  });

  test('the failure of an activity reaches the client inside that of its workflow', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(failingActivity, {
      workflowId: lab().id('failing-activity'),
      taskQueue,
      args: ['broken beyond repair'],
    });
    const error: unknown = await handle.result().catch((reason: unknown) => reason);
    assert.ok(error instanceof WorkflowFailedError);
    assert.ok(error.cause instanceof ActivityFailure);
    assert.equal(error.cause.activityType, 'fail');
    const failure = error.cause.cause;
    assert.ok(failure instanceof ApplicationFailure);
    assert.deepEqual(
      [failure.message, failure.type, failure.details],
      ['broken beyond repair', 'Broken', [{ code: 7 }]],
    );
    assert.match(failure.stack ?? '', /activities\.ts/);
    assert.equal(failure.cause?.message, 'the disk is full');
  });
};
