import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../support/until.ts';
import { assertSoundHistory, countOf, eventsOf } from '../support/history-checks.ts';
import { add, afterThePatch, finish, go, greetMany, patchedTwice, slowSteps, sum, total } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

export const workerTests: LabTests = (lab) => {
  test('a patch leaves a marker that a later worker obeys, and the workflow is listed by it', async () => {
    const { client } = lab();
    const taskQueue = lab().id('patched');
    const first = await lab().startWorker(taskQueue);
    const handle = await client.workflow.start(patchedTwice, { workflowId: taskQueue, taskQueue });
    const decided = async (): Promise<boolean> => countOf(await eventsOf(handle), 'workflowTaskCompleted') === 1;
    await until(decided, { what: 'the workflow has decided', withinMs: RESULT_WITHIN_MS });
    await first.stop();
    await handle.signal(go);
    const second = await lab().startWorker(taskQueue);
    assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), ['new', 'new']);
    assert.equal(countOf(await eventsOf(handle), 'markerRecorded'), 1);
    const deprecated = await client.workflow.start(afterThePatch, { workflowId: lab().id('deprecated'), taskQueue });
    assert.equal(await lab().result(deprecated, RESULT_WITHIN_MS), 'new');
    assert.equal(countOf(await eventsOf(deprecated), 'markerRecorded'), 1);
    const query = `TemporalChangeVersion = 'new-greeting' AND TaskQueue = '${taskQueue}'`;
    const listed = await lab().listed(query);
    assert.ok(listed.some(({ workflowId }) => workflowId === handle.workflowId));
    await second.stop();
  });

  test('the build of the worker is told with each task it completes, and workflows are listed by it', async () => {
    const { client } = lab();
    const taskQueue = lab().id('build');
    const worker = await lab().startWorker(taskQueue, { buildId: 'build-7' });
    const handle = await client.workflow.start(greetMany, { workflowId: taskQueue, taskQueue, args: [1] });
    await lab().result(handle, RESULT_WITHIN_MS);
    await worker.stop();
    const builds = (await eventsOf(handle)).flatMap(
      (event) => event.workflowTaskCompletedEventAttributes?.workerVersion?.buildId ?? [],
    );
    assert.deepEqual(builds, ['build-7', 'build-7']);
    const listed = await lab().listed(`BuildIds = 'unversioned:build-7' AND TaskQueue = '${taskQueue}'`);
    assert.equal(listed.length, 1);
  });

  test('a history of many pages is read and replayed by a worker that has never seen it', async () => {
    const { client } = lab();
    const taskQueue = lab().id('long');
    // Each signal is a batch of its own, and a page has at most 256.
    const amounts = Array.from({ length: 300 }, (_, index) => index + 1);
    const first = await lab().startWorker(taskQueue);
    const handle = await client.workflow.start(sum, { workflowId: taskQueue, taskQueue });
    await Promise.all(amounts.map((amount) => handle.signal(add, amount)));
    await first.stop();
    const second = await lab().startWorker(taskQueue);
    assert.equal(await handle.query(total, 1), 45_150);
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 45_150);
    await second.stop();
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    assert.equal(countOf(events, 'workflowExecutionSignaled'), amounts.length + 1);
  });

  test('a worker that stops finishes what it has begun, and another one takes over without waiting', async () => {
    const { client, ledger } = lab();
    const taskQueue = lab().id('drain');
    const first = await lab().startWorker(taskQueue);
    const ids = Array.from({ length: 5 }, (_, index) => `${taskQueue}-${index}`);
    const handles = await Promise.all(
      ids.map((workflowId) => client.workflow.start(slowSteps, { workflowId, taskQueue, args: [workflowId] })),
    );
    for (const id of ids) await ledger.has(`${id}/1/begun`, RESULT_WITHIN_MS);
    await first.stop();
    const second = await lab().startWorker(taskQueue);
    for (const handle of handles) {
      assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'two steps');
      assert.deepEqual(
        [1, 2].map((step) => ledger.runs(`${handle.workflowId}/${step}/begun`)),
        [1, 1],
      );
      const events = await eventsOf(handle);
      assertSoundHistory(events);
      assert.equal(countOf(events, 'workflowTaskTimedOut'), 0, 'no task was lost with the worker');
    }
    await second.stop();
  });

  test('a worker that chooses its number of pollers itself gets through a burst', async () => {
    const { client } = lab();
    const taskQueue = lab().id('autoscaling');
    const worker = await lab().startWorker(taskQueue, {
      workflowTaskPollerBehavior: { type: 'autoscaling', initial: 2, maximum: 10 },
      activityTaskPollerBehavior: { type: 'autoscaling', initial: 1, maximum: 10 },
    });
    const handles = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        client.workflow.start(greetMany, { workflowId: `${taskQueue}-${index}`, taskQueue, args: [5] }),
      ),
    );
    for (const handle of handles) {
      assert.equal((await lab().result<readonly string[]>(handle, RESULT_WITHIN_MS)).length, 5);
      assertSoundHistory(await eventsOf(handle));
    }
    await worker.stop();
  });
};
