import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSoundHistory, countOf, eventsOf } from '../support/history-checks.ts';
import { scopes, timersInOrder } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

export const scopeTests: LabTests = (lab) => {
  test('a cancellation reaches its scope, stops at a shielded one and leaves the others alone', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(scopes, { workflowId: lab().id('scopes'), taskQueue });
    assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), ['cancelled', 'cancelled', 'done', 'done']);
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    assert.equal(countOf(events, 'timerCanceled'), 1, 'the timer cancelled in its own task was never started');
    assert.equal(countOf(events, 'timerFired'), 3);
  });

  test('timers fire in the order of their ends, also those started together', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(timersInOrder, {
      workflowId: lab().id('order'),
      taskQueue,
      args: [[300, 100, 200, 1, 150]],
    });
    assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), [1, 100, 150, 200, 300]);
    assertSoundHistory(await eventsOf(handle));
  });
};
