import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowNotFoundError } from '@temporalio/client';
import { until } from '../../support/until.ts';
import { assertSoundHistory, eventsOf } from '../support/history-checks.ts';
import { level, region } from '../search-attributes.ts';
import { raiseLevel, release, sleepForever } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

async function idsOf(list: AsyncIterable<{ readonly workflowId: string }>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of list) ids.push(workflowId);
  return ids.toSorted();
}

export const propertyTests: LabTests = (lab) => {
  test('search attributes and memo of the start and of the workflow are described and listed by', async () => {
    const { client, taskQueue } = lab();
    const workflowId = lab().id('properties');
    const handle = await client.workflow.start(raiseLevel, {
      workflowId,
      taskQueue,
      args: [41],
      memo: { note: 'from the client', dropped: true },
      typedSearchAttributes: [{ key: level, value: 7 }],
    });
    const listed = (query: string): Promise<readonly string[]> =>
      idsOf(client.workflow.list({ query: `${query} AND TaskQueue = '${taskQueue}'` }));
    await until(async () => (await listed('SdkLevel = 41')).length > 0, {
      what: 'the workflow is listed by its new level',
      withinMs: RESULT_WITHIN_MS,
    });
    // A list reads the database, where a change is to be seen as soon as it is stored; its owner hears of that a little later.
    await until(async () => (await handle.describe()).typedSearchAttributes.get(level) === 41, {
      what: 'the workflow is described with its new level',
      withinMs: RESULT_WITHIN_MS,
    });
    const { memo, typedSearchAttributes } = await handle.describe();
    assert.deepEqual(memo, { note: 'from the client', reason: 'raised' });
    assert.deepEqual([typedSearchAttributes.get(level), typedSearchAttributes.get(region)], [41, 'north']);
    assert.deepEqual(await listed('SdkLevel = 7'), []);
    assert.deepEqual(await listed("SdkLevel > 40 AND SdkRegion = 'north' AND ExecutionStatus = 'Running'"), [
      workflowId,
    ]);
    await handle.signal(release);
    await lab().result(handle, RESULT_WITHIN_MS);
    assert.deepEqual(await listed("SdkRegion = 'north' AND ExecutionStatus = 'Running'"), []);
    assertSoundHistory(await eventsOf(handle));
  });

  test('a list shows a workflow as soon as its start is acknowledged, page by page, and a count agrees', async () => {
    const { client } = lab();
    const taskQueue = lab().id('listed');
    const ids = Array.from({ length: 5 }, (_, index) => `${taskQueue}-${index}`);
    const handles = await Promise.all(
      ids.map((workflowId) => client.workflow.start(sleepForever, { workflowId, taskQueue })),
    );
    const query = `TaskQueue = '${taskQueue}' AND WorkflowType = 'sleepForever'`;
    assert.deepEqual(await idsOf(client.workflow.list({ query, pageSize: 2 })), ids);
    assert.equal((await client.workflow.count(query)).count, 5);
    await handles[0]?.terminate();
    assert.equal((await client.workflow.count(`${query} AND ExecutionStatus = 'Running'`)).count, 4);
    await Promise.all(handles.slice(1).map((handle) => handle.terminate()));
    assert.equal((await client.workflow.count(`${query} AND ExecutionStatus = 'Running'`)).count, 0);
  });

  test('a description tells type, queue, status, times and the length of the history', async () => {
    const { client, taskQueue } = lab();
    const before = Date.now();
    const handle = await client.workflow.start(sleepForever, { workflowId: lab().id('describe'), taskQueue });
    const running = await handle.describe();
    assert.deepEqual(
      [running.type, running.taskQueue, running.status.name, running.runId],
      ['sleepForever', taskQueue, 'RUNNING', handle.firstExecutionRunId],
    );
    assert.ok(Math.abs(running.startTime.getTime() - before) < RESULT_WITHIN_MS);
    await handle.terminate();
    const closed = await handle.describe();
    assert.equal(closed.status.name, 'TERMINATED');
    assert.ok(closed.closeTime !== undefined && closed.closeTime >= closed.startTime);
    assert.equal(closed.historyLength, (await eventsOf(handle)).length);
  });

  test('an id that was never started is not found', async () => {
    await assert.rejects(lab().client.workflow.getHandle(lab().id('nobody')).describe(), WorkflowNotFoundError);
  });
};
