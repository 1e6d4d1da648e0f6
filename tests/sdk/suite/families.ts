import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledFailure, TerminatedFailure, WorkflowFailedError } from '@temporalio/client';
import { ParentClosePolicy } from '@temporalio/workflow';
import { until } from '../../support/until.ts';
import { assertSoundHistory, eventsOf, nameOf } from '../support/history-checks.ts';
import {
  door,
  neighbour,
  parentOf,
  parentThatCancels,
  parentThatKnocks,
  parentThatLeaves,
  sleepForever,
} from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

export const familyTests: LabTests = (lab) => {
  const options = (name: string) => ({ workflowId: lab().id(name), taskQueue: lab().taskQueue });

  for (const [what, result, end] of [
    ['add', '5', 'childWorkflowExecutionCompleted'],
    ['continue', '5', 'childWorkflowExecutionCompleted'],
    ['fail', 'child failed: 4 is too much', 'childWorkflowExecutionFailed'],
  ] as const) {
    test(`a parent hears what its child comes to: ${what}`, async () => {
      const handle = await lab().client.workflow.start(parentOf, { ...options(what), args: [what, 4] });
      assert.equal(await lab().result(handle, RESULT_WITHIN_MS), result);
      const events = await eventsOf(handle);
      assertSoundHistory(events);
      const about = events.map(nameOf).filter((name) => /child/i.test(name));
      assert.deepEqual(about, ['startChildWorkflowExecutionInitiated', 'childWorkflowExecutionStarted', end]);
    });
  }

  test('a parent cancels its child and waits for it', async () => {
    const handle = await lab().client.workflow.start(parentThatCancels, options('cancels'));
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), 'canceled');
    const names = (await eventsOf(handle)).map(nameOf);
    assert.ok(names.includes('childWorkflowExecutionCanceled'), names.join(' '));
  });

  for (const [policy, Failure] of [
    [ParentClosePolicy.TERMINATE, TerminatedFailure],
    [ParentClosePolicy.REQUEST_CANCEL, CancelledFailure],
  ] as const) {
    test(`a child ends as its close policy says when its parent ends: ${policy}`, async () => {
      const { client } = lab();
      const parent = await client.workflow.start(parentThatLeaves, { ...options('leaves'), args: [policy] });
      const childId = await lab().result<string>(parent, RESULT_WITHIN_MS);
      const ended = lab().result(client.workflow.getHandle(childId), RESULT_WITHIN_MS);
      await assert.rejects(ended, (error) => error instanceof WorkflowFailedError && error.cause instanceof Failure);
    });
  }

  test('an abandoned child goes on when its parent ends', async () => {
    const { client } = lab();
    const parent = await client.workflow.start(parentThatLeaves, {
      ...options('abandons'),
      args: [ParentClosePolicy.ABANDON],
    });
    const child = client.workflow.getHandle(await lab().result<string>(parent, RESULT_WITHIN_MS));
    await until(
      async () => {
        const names = (await eventsOf(child)).map(nameOf);
        return names.includes('timerStarted') ? true : undefined;
      },
      { what: 'the child has begun', withinMs: RESULT_WITHIN_MS },
    );
    assert.equal((await child.describe()).status.name, 'RUNNING');
    await child.terminate();
  });

  test('a parent signals its child, which knows its parent', async () => {
    const start = options('knocks');
    const handle = await lab().client.workflow.start(parentThatKnocks, start);
    assert.equal(await lab().result(handle, RESULT_WITHIN_MS), `parent at the door of ${start.workflowId}`);
    assertSoundHistory(await eventsOf(handle));
  });

  test('a workflow signals another one by its id', async () => {
    const { client } = lab();
    const target = await client.workflow.start(door, options('door'));
    const source = await client.workflow.start(neighbour, {
      ...options('signals'),
      args: [target.workflowId, 'knock'],
    });
    assert.equal(await lab().result(source, RESULT_WITHIN_MS), 'done');
    assert.equal(await lab().result(target, RESULT_WITHIN_MS), 'neighbour at the door of nobody');
  });

  test('a workflow cancels another one by its id', async () => {
    const { client } = lab();
    const target = await client.workflow.start(sleepForever, options('sleeper'));
    const source = await client.workflow.start(neighbour, {
      ...options('cancels-other'),
      args: [target.workflowId, 'cancel'],
    });
    assert.equal(await lab().result(source, RESULT_WITHIN_MS), 'done');
    const ended = lab().result(target, RESULT_WITHIN_MS);
    await assert.rejects(ended, (e) => e instanceof WorkflowFailedError && e.cause instanceof CancelledFailure);
  });

  test('a workflow hears that the other one is not there', async () => {
    const { client } = lab();
    const args: Parameters<typeof neighbour> = [lab().id('nobody'), 'knock'];
    const source = await client.workflow.start(neighbour, { ...options('lonely'), args });
    assert.match(await lab().result<string>(source, RESULT_WITHIN_MS), /^not there: /);
  });
};
