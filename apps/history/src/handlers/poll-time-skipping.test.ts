import assert from 'node:assert/strict';
import test from 'node:test';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

const FORWARD = { id: 'f', duration: { seconds: 10 } };
const workflowExecution = { workflowId: 'wf' };

async function started(fastForwardConfig: object | undefined): Promise<HistoryWorld> {
  const world = new HistoryWorld();
  await world.start();
  const request = {
    workflowId: 'wf',
    requestId: 'request',
    workflowType: { name: 'type' },
    taskQueue: { name: 'queue' },
    workflowTaskTimeout: { seconds: 10 },
    timeSkippingConfig: { enabled: true, maxSessionSkipCount: 10, ...(fastForwardConfig && { fastForwardConfig }) },
  };
  await world.do(world.client.startWorkflow({ namespace: NAMESPACE, request }));
  return world;
}

const poll = (world: HistoryWorld, waitMs: number, { fastForwardId = 'f', targetMs = 0 } = {}) =>
  world.client.pollTimeSkipping({
    namespace: NAMESPACE,
    request: { workflowExecution, fastForwardId },
    waitMs,
    targetMs,
  });

test('a poll for a fast forward is answered once its time has come', async () => {
  const world = await started(FORWARD);
  const before = world.clock.now();
  const answer = await world.do(poll(world, 20_000));
  assert.equal(answer.fastForwardPollingResult, 2);
  assert.equal(answer.fastForwardInfo?.hasCompleted, true);
  // The workflow task that nobody takes holds the clock: the fast forward ends in real time.
  assert.ok(world.clock.now() - before >= 10_000);
  await world.service?.stop();
});

test('a poll that outlasts its wait is told how things stand, and where the fast forward leads', async () => {
  const world = await started(FORWARD);
  const answer = await world.do(poll(world, 1_000));
  assert.equal(answer.fastForwardPollingResult, 1);
  assert.equal(answer.fastForwardInfo?.fastForwardId, 'f');
  const another = await world.do(poll(world, 1_000, { targetMs: 1 }));
  assert.equal(another.failedReason, 'the fast-forward was reset');
  await world.service?.stop();
});

test('a poll for a fast forward that the run does not have fails at once', async () => {
  for (const forward of [undefined, FORWARD]) {
    const world = await started(forward);
    const answer = await world.do(poll(world, 20_000, { fastForwardId: 'other' }));
    assert.equal(answer.fastForwardPollingResult, 3);
    assert.equal(
      answer.failedReason,
      "the requested fast_forward_id does not match the execution's current fast-forward",
    );
    await world.service?.stop();
  }
});

test('a poll ends when its run ends', async () => {
  const world = await started(FORWARD);
  const polling = poll(world, 20_000);
  const terminated = world.client.terminateWorkflow({ namespace: NAMESPACE, request: { workflowExecution } });
  const [answer] = await world.do(Promise.all([polling, terminated]));
  assert.equal(answer.failedReason, 'the execution ended before the fast-forward completed');
  await world.service?.stop();
});
