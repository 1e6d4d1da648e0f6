import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityOptions } from '@temporalio/common';
import { assertSoundHistory, countOf, eventsOf } from '../support/history-checks.ts';
import { cancelledActivity, failedActivity, greetMany } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

interface FailureCase {
  readonly name: string;
  readonly activity: 'hang' | 'failUntilAttempt';
  readonly options: ActivityOptions;
  /** Outermost first. */
  readonly causes: readonly string[];
}

const failures: readonly FailureCase[] = [
  {
    name: 'an activity whose attempts all time out tells the last timeout',
    activity: 'hang',
    options: { startToCloseTimeout: '300ms', retry: { initialInterval: '50ms', maximumAttempts: 2 } },
    causes: ['activity failed: MAXIMUM_ATTEMPTS_REACHED', 'timeout: START_TO_CLOSE'],
  },
  {
    name: 'an activity whose time is over in an attempt is timed out as a whole',
    activity: 'hang',
    options: { scheduleToCloseTimeout: '1s', startToCloseTimeout: '700ms', retry: { initialInterval: '50ms' } },
    causes: ['activity failed: TIMEOUT', 'timeout: SCHEDULE_TO_CLOSE'],
  },
  {
    name: 'an activity that has no time for another attempt fails as its last one did',
    activity: 'failUntilAttempt',
    options: { scheduleToCloseTimeout: '8s', retry: { initialInterval: '5s', backoffCoefficient: 1 } },
    causes: ['activity failed: TIMEOUT', 'Flaky: attempt 2 fails'],
  },
  {
    name: 'an activity that fails for a reason not to be retried is not tried again',
    activity: 'failUntilAttempt',
    options: { startToCloseTimeout: '10s', retry: { nonRetryableErrorTypes: ['Flaky'] } },
    causes: ['activity failed: NON_RETRYABLE_FAILURE', 'Flaky: attempt 1 fails'],
  },
];

export const activityEndTests: LabTests = (lab) => {
  for (const { name, activity, options, causes } of failures) {
    test(name, async () => {
      const { client, taskQueue } = lab();
      const handle = await client.workflow.start(failedActivity, {
        workflowId: lab().id('causes'),
        taskQueue,
        args: [activity, options],
      });
      assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), causes);
      assertSoundHistory(await eventsOf(handle));
    });
  }

  for (const { type, name, told, requests } of [
    {
      type: 'WAIT_CANCELLATION_COMPLETED',
      name: 'an activity learns by its heartbeat that it is cancelled, and its workflow waits for it',
      told: true,
      requests: 1,
    },
    {
      type: 'TRY_CANCEL',
      name: 'a workflow that tries to cancel its activity does not wait for it',
      told: false,
      requests: 1,
    },
    { type: 'ABANDON', name: 'an abandoned activity is not told by its workflow', told: false, requests: 0 },
  ] as const) {
    test(name, async () => {
      const { client, taskQueue, ledger } = lab();
      const key = lab().id(type);
      const handle = await client.workflow.start(cancelledActivity, { workflowId: key, taskQueue, args: [key, type] });
      await ledger.has(`${key}/started`, RESULT_WITHIN_MS);
      await handle.cancel();
      assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'the activity was cancelled');
      const events = await eventsOf(handle);
      assert.equal(countOf(events, 'activityTaskCancelRequested'), requests);
      assert.equal(countOf(events, 'activityTaskCanceled'), told ? 1 : 0);
      // The end of its workflow reaches every activity.
      await ledger.has(`${key}/cancelled`, RESULT_WITHIN_MS);
    });
  }

  test('the worker of the workflow task gets its activities with the answer, before other workers', async () => {
    const taskQueue = lab().id('eager-activities');
    const workers = [
      await lab().startWorker(taskQueue, { activities: { greet: async () => 'here' } }),
      await lab().startActivityWorker(taskQueue, { greet: async () => 'there' }),
    ];
    const handles = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        lab().client.workflow.start(greetMany, { workflowId: `${taskQueue}-${index}`, taskQueue, args: [2] }),
      ),
    );
    for (const handle of handles) assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), ['here', 'here']);
    await Promise.all(workers.map((worker) => worker.stop()));
  });
};
