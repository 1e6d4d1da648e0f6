import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import type { Lab } from '../support/lab.ts';
import { until } from '../../support/until.ts';
import { type Visit, visits } from '../workflows/index.ts';
import { type LabTests, RESULT_WITHIN_MS } from './lab-tests.ts';

const ACTIVITY = 2;
const SOURCE = { api: 1, worker: 2 } as const;
/** So that tasks are taken one after the other. */
const oneAtATime = { maxConcurrentActivityTaskExecutions: 1, enableNonLocalActivities: true };

interface Visited {
  readonly handle: WorkflowHandle;
  readonly taskQueue: string;
}

/** A workflow whose activities wait on a task queue of their own, which nobody polls yet. */
async function scheduled(lab: Lab, name: string, wanted: readonly Visit[]): Promise<Visited> {
  const taskQueue = lab.id(name);
  const handle = await lab.client.workflow.start(visits, {
    workflowId: taskQueue,
    taskQueue: lab.taskQueue,
    args: [taskQueue, wanted.map((visit) => ({ ...visit, key: `${taskQueue}/${visit.key}` }))],
  });
  const backlog = async (): Promise<number> =>
    Number((await describe(lab, taskQueue, { reportStats: true })).stats?.approximateBacklogCount ?? 0);
  await until(async () => (await backlog()) === wanted.length, {
    what: `${wanted.length} activities wait on ${taskQueue}`,
    withinMs: RESULT_WITHIN_MS,
  });
  return { handle, taskQueue };
}

const describe = (lab: Lab, name: string, options: { reportStats?: boolean; reportConfig?: boolean } = {}) =>
  lab.client.workflowService.describeTaskQueue({
    namespace: 'default',
    taskQueue: { name },
    taskQueueType: ACTIVITY,
    ...options,
  });

const limitOf = async (lab: Lab, taskQueue: string): Promise<readonly (number | null | undefined)[]> => {
  const { effectiveRateLimit } = await describe(lab, taskQueue);
  return [effectiveRateLimit?.requestsPerSecond, effectiveRateLimit?.rateLimitSource];
};

const setLimit = (lab: Lab, taskQueue: string, requestsPerSecond: number | undefined) =>
  lab.client.workflowService.updateTaskQueueConfig({
    namespace: 'default',
    taskQueue,
    taskQueueType: ACTIVITY,
    updateQueueRateLimit: {
      reason: 'the test wants it',
      ...(requestsPerSecond !== undefined && { rateLimit: { requestsPerSecond } }),
    },
  });

/** Without the name of the queue. */
const visited = (lab: Lab, taskQueue: string): readonly string[] =>
  lab.ledger.order(`${taskQueue}/`).map((key) => key.slice(taskQueue.length + 1));

export const taskQueueTests: LabTests = (lab) => {
  test('activities run in the order of their priorities, those without one in the middle', async () => {
    const wanted = [4, 2, undefined, 5, 1, 3].map((priorityKey) => ({
      key: `${priorityKey}`,
      ...(priorityKey !== undefined && { priority: { priorityKey } }),
    }));
    const { handle, taskQueue } = await scheduled(lab(), 'priorities', wanted);
    const worker = await lab().startWorker(taskQueue, oneAtATime);
    await lab().result(handle, RESULT_WITHIN_MS);
    const order = visited(lab(), taskQueue);
    assert.deepEqual(
      [order.slice(0, 2), order.slice(4)],
      [
        ['1', '2'],
        ['4', '5'],
      ],
    );
    assert.deepEqual(order.slice(2, 4).toSorted(), ['3', 'undefined']);
    await worker.stop();
  });

  test('a tenant with many activities leaves the others their share, by weight', async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ key: `many ${i}`, priority: { fairnessKey: 'many' } }));
    const few = Array.from({ length: 6 }, (_, i) => ({
      key: `few ${i}`,
      priority: { fairnessKey: 'few', fairnessWeight: 2 },
    }));
    const { handle, taskQueue } = await scheduled(lab(), 'fairness', [...many, ...few]);
    const worker = await lab().startWorker(taskQueue, oneAtATime);
    await lab().result(handle, RESULT_WITHIN_MS);
    const order = visited(lab(), taskQueue);
    const ofFew = order.flatMap((key, at) => (key.startsWith('few') ? [at] : []));
    assert.ok((ofFew.at(-1) ?? Infinity) <= 10, `the few ran at ${ofFew.join()}`);
    await worker.stop();
  });

  test('a worker limits how many activities of its queue start in a second', async () => {
    const wanted = Array.from({ length: 13 }, (_, i) => ({ key: `${i}` }));
    const { handle, taskQueue } = await scheduled(lab(), 'worker-limit', wanted);
    const startedMs = performance.now();
    const worker = await lab().startWorker(taskQueue, { maxTaskQueueActivitiesPerSecond: 4 });
    await lab().result(handle, RESULT_WITHIN_MS);
    const tookMs = performance.now() - startedMs;
    // Four at once, then nine at four a second.
    assert.ok(tookMs >= 2_200, `all ran within ${tookMs} ms`);
    assert.deepEqual(await limitOf(lab(), taskQueue), [4, SOURCE.worker]);
    await worker.stop();
  });

  test('an operator pauses an activity queue and lets it go on', async () => {
    const { handle, taskQueue } = await scheduled(lab(), 'operator-limit', [{ key: 'one' }]);
    await setLimit(lab(), taskQueue, 0);
    const worker = await lab().startWorker(taskQueue, { maxTaskQueueActivitiesPerSecond: 4 });
    const polls = async (): Promise<boolean> => ((await describe(lab(), taskQueue)).pollers?.length ?? 0) > 0;
    await until(polls, { what: 'the worker polls', withinMs: RESULT_WITHIN_MS });
    assert.deepEqual(await limitOf(lab(), taskQueue), [0, SOURCE.api]);
    assert.deepEqual(visited(lab(), taskQueue), []);
    await setLimit(lab(), taskQueue, 50);
    await lab().result(handle, RESULT_WITHIN_MS);
    await setLimit(lab(), taskQueue, undefined);
    assert.deepEqual(await limitOf(lab(), taskQueue), [4, SOURCE.worker]);
    const { config } = await describe(lab(), taskQueue, { reportConfig: true });
    assert.equal(config?.queueRateLimit?.metadata?.reason, 'the test wants it');
    await worker.stop();
  });
};
