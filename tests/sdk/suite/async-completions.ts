import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  type AsyncCompletionClient,
  type WorkflowHandle,
} from '@temporalio/client';
import { until } from '../../support/until.ts';
import { assertSoundHistory, countOf, eventsOf } from '../support/history-checks.ts';
import type { Lab } from '../support/lab.ts';
import { endedElsewhere } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

/** Ends an activity, or says that it is alive, from outside of its worker. */
interface Outside {
  heartbeat(details: unknown): Promise<void>;
  complete(result: unknown): Promise<void>;
  fail(error: Error): Promise<void>;
  reportCancellation(details: unknown): Promise<void>;
}

interface Left {
  readonly handle: WorkflowHandle<typeof endedElsewhere>;
  readonly outside: Outside;
}

const byToken = (activity: AsyncCompletionClient, token: Uint8Array): Outside => ({
  heartbeat: (details) => activity.heartbeat(token, details),
  complete: (result) => activity.complete(token, result),
  fail: (error) => activity.fail(token, error),
  reportCancellation: (details) => activity.reportCancellation(token, details),
});

function byId(activity: AsyncCompletionClient, workflowId: string): Outside {
  // The first activity of a workflow.
  const id = { workflowId, activityId: '1' };
  return {
    heartbeat: (details) => activity.heartbeat(id, details),
    complete: (result) => activity.complete(id, result),
    fail: (error) => activity.fail(id, error),
    reportCancellation: (details) => activity.reportCancellation(id, details),
  };
}

/** A workflow whose activity was left to whoever ends it. */
async function leave(lab: Lab, by: 'token' | 'id', attempts = 1): Promise<Left> {
  const { client, taskQueue, ledger } = lab;
  const key = lab.id(`ended-by-${by}`);
  const handle = await client.workflow.start(endedElsewhere, { workflowId: key, taskQueue, args: [key, attempts] });
  const token = await ledger.token(`${key}/1`, RESULT_WITHIN_MS);
  return { handle, outside: by === 'token' ? byToken(client.activity, token) : byId(client.activity, key) };
}

async function soundResult(lab: Lab, handle: Left['handle']): Promise<string> {
  const result = await lab.result<string>(handle, RESULT_WITHIN_MS);
  assertSoundHistory(await eventsOf(handle));
  return result;
}

export const asyncCompletionTests: LabTests = (lab) => {
  for (const by of ['token', 'id'] as const) {
    test(`an activity lives on heartbeats from outside and is completed by its ${by}`, async () => {
      const { handle, outside } = await leave(lab(), by);
      await outside.heartbeat({ done: 1 });
      const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
      assert.equal(Buffer.from(pending?.heartbeatDetails?.payloads?.[0]?.data ?? []).toString(), '{"done":1}');
      await outside.complete('done elsewhere');
      assert.equal(await soundResult(lab(), handle), 'done elsewhere');
      await assert.rejects(outside.complete('once more'), ActivityNotFoundError);
      await assert.rejects(outside.heartbeat('too late'), ActivityNotFoundError);
    });

    test(`an activity is failed from outside by its ${by}`, async () => {
      const { handle, outside } = await leave(lab(), by);
      await outside.fail(new Error('nobody is there'));
      const causes = 'activity failed: MAXIMUM_ATTEMPTS_REACHED, Error: nobody is there';
      assert.equal(await soundResult(lab(), handle), causes);
      await assert.rejects(outside.fail(new Error('once more')), ActivityNotFoundError);
    });

    test(`a heartbeat from outside tells of a cancellation, which is then reported by the ${by}`, async () => {
      const { handle, outside } = await leave(lab(), by);
      await handle.cancel();
      const isTold = async (): Promise<boolean> => {
        try {
          await outside.heartbeat('alive');
          return false;
        } catch (error) {
          assert.ok(error instanceof ActivityCancelledError);
          return true;
        }
      };
      await until(isTold, { what: 'the heartbeat tells of the cancellation', withinMs: RESULT_WITHIN_MS });
      await outside.reportCancellation('stopped half-way');
      assert.match(await soundResult(lab(), handle), /^activity failed: .*, CancelledFailure: /);
      assert.equal(countOf(await eventsOf(handle), 'activityTaskCanceled'), 1);
    });

    test(`a heartbeat from outside by the ${by} tells of a pause`, async () => {
      const { handle, outside } = await leave(lab(), by);
      const target = { namespace: 'default', execution: { workflowId: handle.workflowId }, type: 'endElsewhere' };
      await lab().client.workflowService.pauseActivity({ ...target, reason: 'later' });
      await assert.rejects(outside.heartbeat('alive'), ActivityPausedError);
      await lab().client.workflowService.unpauseActivity(target);
      await outside.heartbeat('alive');
      await outside.complete('after the pause');
      assert.equal(await soundResult(lab(), handle), 'after the pause');
    });
  }

  test('the token of an attempt is worth nothing once another attempt runs, the id of the activity is', async () => {
    const { client, ledger } = lab();
    const { handle, outside } = await leave(lab(), 'token', 2);
    await outside.fail(new Error('the first attempt fails'));
    await ledger.token(`${handle.workflowId}/2`, RESULT_WITHIN_MS);
    await assert.rejects(outside.complete('by the first token'), ActivityNotFoundError);
    await assert.rejects(outside.heartbeat('by the first token'), ActivityNotFoundError);
    await byId(client.activity, handle.workflowId).complete('by the id');
    assert.equal(await soundResult(lab(), handle), 'by the id');
  });

  test('an activity that nobody has taken yet is completed by its id', async () => {
    const { client } = lab();
    const key = lab().id('not-begun');
    const worker = await lab().startWorker(key, { activities: {} });
    const handle = await client.workflow.start(endedElsewhere, { workflowId: key, taskQueue: key, args: [key] });
    const isPending = async (): Promise<boolean> => ((await handle.describe()).raw.pendingActivities ?? []).length > 0;
    await until(isPending, { what: 'the activity waits for a worker', withinMs: RESULT_WITHIN_MS });
    await byId(client.activity, key).complete('without a worker');
    assert.equal(await soundResult(lab(), handle), 'without a worker');
    await worker.stop();
  });

  test('completing an activity of a workflow that is not there is refused', async () => {
    const outside = byId(lab().client.activity, lab().id('nobody'));
    await assert.rejects(outside.complete('done'), ActivityNotFoundError);
  });
};
