import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSoundHistory, eventsOf, nameOf } from '../support/history-checks.ts';
import { add, finish, signalBeforeTimer, sum, total } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

export const messageTests: LabTests = (lab) => {
  test('every signal reaches the workflow once', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(sum, { workflowId: lab().id('sum'), taskQueue });
    const amounts = Array.from({ length: 20 }, (_, index) => index + 1);
    await Promise.all(amounts.map((amount) => handle.signal(add, amount)));
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 210);
    const events = await eventsOf(handle);
    assertSoundHistory(events);
    assert.equal(events.filter((event) => nameOf(event) === 'workflowExecutionSignaled').length, 21);
  });

  test('a signal that comes before the timer cancels it', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(signalBeforeTimer, { workflowId: lab().id('before-timer'), taskQueue });
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'signal');
    assertSoundHistory(await eventsOf(handle));
  });

  test('signal-with-start starts a workflow once and signals the running one after that', async () => {
    const { client, taskQueue } = lab();
    const workflowId = lab().id('signal-with-start');
    const first = await client.workflow.signalWithStart(sum, { workflowId, taskQueue, signal: add, signalArgs: [2] });
    const second = await client.workflow.signalWithStart(sum, { workflowId, taskQueue, signal: add, signalArgs: [3] });
    assert.equal(second.signaledRunId, first.signaledRunId);
    await first.signal(finish);
    assert.equal(await lab().result(first, RESULT_WITHIN_MS), 5);
    assertSoundHistory(await eventsOf(first));
  });

  test('a query sees what the workflow has seen, before and after its end', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(sum, { workflowId: lab().id('query'), taskQueue });
    assert.equal(await handle.query(total, 1), 0);
    await handle.signal(add, 4);
    assert.equal(await handle.query(total, 10), 40);
    await handle.signal(finish);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 4);
    assert.equal(await handle.query(total, 100), 400);
    const names = (await eventsOf(handle)).map(nameOf);
    assert.equal(names.at(-1), 'workflowExecutionCompleted', 'a query leaves no event');
  });

  test('a query that the workflow does not know is answered with an error', async () => {
    const { client, taskQueue } = lab();
    const handle = await client.workflow.start(sum, { workflowId: lab().id('unknown-query'), taskQueue });
    await assert.rejects(handle.query('nothing-of-the-kind'), /nothing-of-the-kind/);
    await handle.terminate();
  });
};
