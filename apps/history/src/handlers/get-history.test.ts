import assert from 'node:assert/strict';
import test from 'node:test';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

const CLOSE_EVENT = 2;
const WAIT_MS = 20_000;

async function started(): Promise<HistoryWorld> {
  const world = new HistoryWorld();
  await world.start();
  await world.startWorkflow();
  return world;
}

function waitForTheEnd({ client }: HistoryWorld): ReturnType<HistoryWorld['client']['getHistory']> {
  const request = {
    execution: { workflowId: 'wf' },
    waitNewEvent: true,
    historyEventFilterType: CLOSE_EVENT,
  };
  const reader = { followsNextRunId: true, showVirtualEvents: true };
  return client.getHistory({ namespace: NAMESPACE, request, waitMs: WAIT_MS, ...reader });
}

test('who waits for the end of a run is told when it ends', async () => {
  const world = await started();
  const before = world.clock.now();
  const workflowExecution = { workflowId: 'wf' };
  const waiting = waitForTheEnd(world);
  const ended = world.client.terminateWorkflow({ namespace: NAMESPACE, request: { workflowExecution } });
  await world.do(Promise.all([waiting, ended]));
  assert.ok(world.clock.now() - before < WAIT_MS);
  await world.service?.stop();
});

test('who waits for the end of a run is told without a look into the store', async () => {
  const world = await started();
  const waiting = waitForTheEnd(world);
  await world.signal('after the wait began');
  world.asked.length = 0;
  const request = { workflowExecution: { workflowId: 'wf' } };
  await world.do(Promise.all([waiting, world.client.terminateWorkflow({ namespace: NAMESPACE, request })]));
  assert.deepEqual(world.asked, ['commit']);
  await world.do(waitForTheEnd(world));
  assert.deepEqual(world.asked, ['commit', 'readRangeIds'], 'who comes after the end did not see it happen');
  await world.service?.stop();
});

test('a service that stops does not wait for those who wait for the end of a run', async () => {
  const world = await started();
  // Asks for the next owner of the run, and in this test finds nobody.
  const waiting = assert.rejects(waitForTheEnd(world), /shard unavailable/);
  // It waits by the time the stop begins.
  await world.signal('after the wait began');
  const before = world.clock.now();
  await world.do(Promise.resolve(world.service?.stop()));
  assert.ok(world.clock.now() - before < WAIT_MS / 10, `${world.clock.now() - before} ms`);
  await world.do(waiting);
});
