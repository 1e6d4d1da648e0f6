import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../support/until.ts';
import { assertSoundHistory, eventsOf, nameOf } from '../support/history-checks.ts';
import type { Lab } from '../support/lab.ts';
import { go, oneEffect, order, total, sum, finish, add, twoStepsWithPause } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

const MANY_WITHIN_MS = 60_000;
/** A task whose answer the crash has swallowed is given out again after so long. */
const TASK_TIMEOUT = '2s';
const ORDERS = 20;
const STEPS = 8;

/** Workflows that are in the middle of their steps whenever something breaks. */
export interface OrdersUnderWay {
  /** Resolves when so many steps have been done by all together. */
  stepsDone(count: number): Promise<void>;
  /** Steps done so far by all together. */
  steps(): number;
  /** Every order has come to its end, with each step done and recorded once. */
  finished(): Promise<void>;
}

export const allSteps = ORDERS * STEPS;

export async function startOrders(lab: Lab): Promise<OrdersUnderWay> {
  const { client, taskQueue, ledger } = lab;
  const batch = lab.id('order');
  const ids = Array.from({ length: ORDERS }, (_, index) => `${batch}-${index}`);
  const handles = await Promise.all(
    ids.map((workflowId) =>
      client.workflow.start(order, {
        workflowId,
        taskQueue,
        args: [workflowId, STEPS],
        workflowTaskTimeout: TASK_TIMEOUT,
      }),
    ),
  );
  return {
    steps: () => ledger.count(batch),
    stepsDone: async (count) => {
      const what = `${count} steps of the orders`;
      await until(() => ledger.count(batch) >= count, { what, withinMs: MANY_WITHIN_MS });
    },
    finished: async () => {
      for (const handle of handles) {
        const steps = Array.from({ length: STEPS }, (_, index) => `${handle.workflowId}/${index + 1}`);
        assert.deepEqual(await lab.result(handle, MANY_WITHIN_MS), steps);
        const events = await eventsOf(handle);
        assertSoundHistory(events);
        const completed = events.filter((event) => nameOf(event) === 'activityTaskCompleted');
        assert.equal(completed.length, STEPS, 'every step is recorded once');
        for (const key of steps) assert.ok(ledger.runs(key) >= 1, key);
      }
    },
  };
}

export const durabilityTests: LabTests = (lab) => {
  test('a worker that starts in the middle replays the history and goes on', async () => {
    const { client, ledger } = lab();
    const key = lab().id('replay');
    const first = await lab().startWorker(key);
    const handle = await client.workflow.start(twoStepsWithPause, { workflowId: key, taskQueue: key, args: [key] });
    // A workflow task still under way when the worker goes would have to time out first.
    const isIdle = async (): Promise<boolean> => {
      const names = (await eventsOf(handle)).map(nameOf);
      return names.includes('activityTaskCompleted') && names.at(-1) === 'workflowTaskCompleted';
    };
    await until(isIdle, { what: 'the first step is done', withinMs: RESULT_WITHIN_MS });
    await first.stop();
    await handle.signal(go);
    const second = await lab().startWorker(key);
    assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), [`${key}/1`, `${key}/2`]);
    await second.stop();
    assert.deepEqual([ledger.runs(`${key}/1`), ledger.runs(`${key}/2`)], [1, 1]);
    assertSoundHistory(await eventsOf(handle));
  });

  test('a query is answered by a worker that has never seen the workflow', async () => {
    const { client } = lab();
    const key = lab().id('replayed-query');
    const first = await lab().startWorker(key);
    const handle = await client.workflow.start(sum, { workflowId: key, taskQueue: key });
    await handle.signal(add, 6);
    assert.equal(await handle.query(total, 1), 6);
    await first.stop();
    const second = await lab().startWorker(key);
    assert.equal(await handle.query(total, 2), 12);
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 6);
    await second.stop();
  });

  test('two workers run two hundred workflows at once, each effect once', async () => {
    const { client, ledger } = lab();
    const taskQueue = lab().id('many');
    const workers = [await lab().startWorker(taskQueue), await lab().startWorker(taskQueue)];
    const ids = Array.from({ length: 200 }, (_, index) => `${taskQueue}-${index}`);
    const handles = await Promise.all(
      ids.map((workflowId) => client.workflow.start(oneEffect, { workflowId, taskQueue, args: [workflowId] })),
    );
    const results = await Promise.all(handles.map((handle) => lab().result(handle, MANY_WITHIN_MS)));
    assert.deepEqual(results, ids);
    assert.deepEqual([...new Set(ids.map((id) => ledger.runs(id)))], [1]);
    const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Completed'`;
    assert.equal((await client.workflow.count(query)).count, ids.length);
    await Promise.all(workers.map((worker) => worker.stop()));
    for (const handle of handles.slice(0, 20)) assertSoundHistory(await eventsOf(handle));
  });

  test('every workflow that kill -9 interrupts goes on after the restart, and nothing is done twice', async () => {
    const orders = await startOrders(lab());
    await orders.stepsDone(allSteps / 4);
    assert.ok(orders.steps() < allSteps, 'the crash comes in the middle');
    await lab().deployment.crash();
    await orders.finished();
  });
};
