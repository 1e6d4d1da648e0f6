import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { until } from '../../support/until.ts';
import { assertSoundHistory, eventsOf, nameOf, timeOf } from '../support/history-checks.ts';
import { level } from '../search-attributes.ts';
import { add, countDown, countRuns, finish, hello, namedSteps, sleepForever, sum } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

const DELAY_MS = 500;

export const startOptionTests: LabTests = (lab) => {
  test('the id of a closed workflow is used again unless the start asks otherwise', async () => {
    const { client, taskQueue } = lab();
    const options = { workflowId: lab().id('reuse'), taskQueue, args: ['again'] } as const;
    const first = await client.workflow.start(hello, options);
    await lab().result(first, RESULT_WITHIN_MS);
    for (const workflowIdReusePolicy of ['REJECT_DUPLICATE', 'ALLOW_DUPLICATE_FAILED_ONLY'] as const) {
      await assert.rejects(
        client.workflow.start(hello, { ...options, workflowIdReusePolicy }),
        WorkflowExecutionAlreadyStartedError,
      );
    }
    const second = await client.workflow.start(hello, options);
    assert.notEqual(second.firstExecutionRunId, first.firstExecutionRunId);
    await second.terminate();
    const third = await client.workflow.start(hello, {
      ...options,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    });
    assert.equal(await lab().result(third, RESULT_WITHIN_MS), 'Hello, again!');
  });

  test('a start that meets a running workflow joins or replaces it when it asks to', async () => {
    const { client, taskQueue } = lab();
    const options = { workflowId: lab().id('conflict'), taskQueue } as const;
    const first = await client.workflow.start(sleepForever, options);
    const joined = await client.workflow.start(sleepForever, { ...options, workflowIdConflictPolicy: 'USE_EXISTING' });
    assert.equal(joined.firstExecutionRunId, first.firstExecutionRunId);
    const next = await client.workflow.start(sleepForever, {
      ...options,
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    });
    assert.notEqual(next.firstExecutionRunId, first.firstExecutionRunId);
    const replaced = client.workflow.getHandle(options.workflowId, first.firstExecutionRunId);
    assert.equal((await replaced.describe()).status.name, 'TERMINATED');
    assert.equal((await next.describe()).status.name, 'RUNNING');
    await next.terminate();
  });

  test('a delayed start brings its first task after the delay, a signal with start too', async () => {
    const { client, taskQueue } = lab();
    const started = await client.workflow.start(hello, {
      workflowId: lab().id('delayed'),
      taskQueue,
      args: ['later'],
      startDelay: DELAY_MS,
    });
    const signaled = await client.workflow.signalWithStart(sum, {
      workflowId: lab().id('delayed-signal'),
      taskQueue,
      startDelay: DELAY_MS,
      signal: add,
      signalArgs: [3],
    });
    await signaled.signal(finish);
    assert.equal(await lab().result(started, RESULT_WITHIN_MS), 'Hello, later!');
    assert.equal(await lab().result(signaled, RESULT_WITHIN_MS), 3);
    for (const handle of [started, signaled]) {
      const events = await eventsOf(handle);
      assertSoundHistory(events);
      const waited = timeOf(events, 'workflowTaskScheduled') - timeOf(events, 'workflowExecutionStarted');
      assert.ok(waited >= DELAY_MS, `${waited} ms`);
    }
  });

  test('a cron workflow runs again and again, and each run sees what the one before has left', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(countRuns, {
      workflowId: lab().id('cron'),
      taskQueue,
      cronSchedule: '@every 1s',
    });
    const query = `WorkflowId = '${handle.workflowId}' AND ExecutionStatus != 'Running'`;
    const runs = await until(
      async () => {
        const closed = await lab().listed(query);
        return closed.length >= 2 && closed;
      },
      { what: 'two runs are over', withinMs: RESULT_WITHIN_MS },
    );
    await handle.terminate();
    for (const [index, { runId, status }] of runs.entries()) {
      const run = client.workflow.getHandle(handle.workflowId, runId, { followRuns: false });
      const events = await eventsOf(run);
      assertSoundHistory(events);
      const payload = events.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0];
      assert.ok(payload, `run ${index} ended as ${status.name}`);
      assert.equal(defaultPayloadConverter.fromPayload(payload), index + 1);
    }
  });

  test('memo, search attributes and priority go with a workflow that continues as new', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(countDown, {
      workflowId: lab().id('carried'),
      taskQueue,
      args: [1],
      memo: { note: 'kept' },
      typedSearchAttributes: [{ key: level, value: 3 }],
      priority: { priorityKey: 1, fairnessKey: 'tenant' },
    });
    const [, last] = await lab().result<readonly string[]>(handle, RESULT_WITHIN_MS);
    const run = await client.workflow.getHandle(handle.workflowId, last).describe();
    assert.deepEqual(run.memo, { note: 'kept' });
    assert.equal(run.typedSearchAttributes.get(level), 3);
    assert.deepEqual([run.priority?.priorityKey, run.priority?.fairnessKey], [1, 'tenant']);
  });

  test('summaries and details are kept for people, and an activity takes the rest of its priority from the workflow', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(namedSteps, {
      workflowId: lab().id('named'),
      taskQueue,
      staticSummary: 'counts the stock',
      staticDetails: 'every night, in all shops',
      priority: { priorityKey: 4, fairnessKey: 'shop', fairnessWeight: 2 },
    });
    const priority = await lab().result(handle, RESULT_WITHIN_MS);
    assert.deepEqual(priority, { priorityKey: 2, fairnessKey: 'shop', fairnessWeight: 2 });
    const description = await handle.describe();
    assert.equal(await description.staticSummary(), 'counts the stock');
    assert.equal(await description.staticDetails(), 'every night, in all shops');
    const events = await eventsOf(handle);
    const summaryOf = (name: string): unknown => {
      const summary = events.find((event) => nameOf(event) === name)?.userMetadata?.summary;
      return summary ? defaultPayloadConverter.fromPayload(summary) : undefined;
    };
    assert.equal(summaryOf('timerStarted'), 'a short rest');
    assert.equal(summaryOf('activityTaskScheduled'), 'asks for its priority');
  });

  test('an eager start hands its first task to the worker on the same connection', async () => {
    const taskQueue = lab().id('eager');
    const worker = await lab().startWorker(taskQueue);
    const client = new Client({ connection: worker.connection });
    const handle = await client.workflow.start(hello, {
      workflowId: taskQueue,
      taskQueue,
      args: ['at once'],
      requestEagerStart: true,
    });
    assert.ok(handle.eagerlyStarted);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'Hello, at once!');
    assertSoundHistory(await eventsOf(handle));
    await worker.stop();
  });
};
