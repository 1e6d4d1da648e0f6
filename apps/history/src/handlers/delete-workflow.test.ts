import assert from 'node:assert/strict';
import test from 'node:test';
import { ServiceError } from '@duramesh/contracts';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

async function worldWithRun(): Promise<{ readonly world: HistoryWorld; readonly runId: string }> {
  const world = new HistoryWorld();
  await world.start();
  const { runId = '' } = await world.startWorkflow();
  return { world, runId };
}

const remove = (world: HistoryWorld, runId = '') =>
  world.do(
    world.client.deleteWorkflow({ namespace: NAMESPACE, request: { workflowExecution: { workflowId: 'wf', runId } } }),
  );

const isGone = (error: unknown): boolean => error instanceof ServiceError && error.code === 5;

function assertNothingLeft({ database }: HistoryWorld): void {
  assert.equal(database.runs.size, 0);
  assert.equal(database.current.size, 0);
  assert.equal(database.outstanding.size, 0);
  assert.equal(database.waking.size, 0);
}

test('an open run is gone when its deletion is answered, and a second one finds nothing', async () => {
  const { world, runId } = await worldWithRun();
  await remove(world);
  assertNothingLeft(world);
  await assert.rejects(remove(world, runId), isGone);
  await assert.rejects(world.signal('late'), isGone);
  const { runId: next } = await world.startWorkflow('wf', 'another');
  assert.notEqual(next, runId);
});

test('a reader that waits for the end of a run is answered when the run is deleted', async () => {
  const { world } = await worldWithRun();
  const request = { execution: { workflowId: 'wf' }, waitNewEvent: true, historyEventFilterType: 2 };
  const reading = world.client.getHistory({
    namespace: NAMESPACE,
    request,
    waitMs: 20_000,
    followsNextRunId: true,
    showVirtualEvents: false,
  });
  const answered = reading.then(
    () => 'the end',
    (error: unknown) => (isGone(error) ? 'not found' : String(error)),
  );
  await world.clock.advance(10);
  const before = world.clock.now();
  await remove(world);
  assert.match(await world.do(answered), /the end|not found/);
  assert.ok(world.clock.now() - before < 1_000, 'without waiting any longer');
});

test('a workflow task of a deleted run that a worker takes is obsolete', async () => {
  const { world, runId } = await worldWithRun();
  await remove(world);
  const reply = await world.do(
    world.client.recordWorkflowTaskStarted({
      namespace: NAMESPACE,
      workflowId: 'wf',
      runId,
      scheduledEventId: 2,
      attempt: 1,
      stamp: 0,
      requestId: 'start',
      identity: 'worker',
      taskQueue: { name: 'queue', kind: 1 },
      deploymentOptions: undefined,
      workerVersionCapabilities: undefined,
    }),
  );
  assert.equal(reply.verdict, 2);
});

test('a run whose deletion was noted goes with the next owner when its owner dies before', async () => {
  const { world } = await worldWithRun();
  world.deletionFate = { landsAfterMs: undefined };
  await assert.rejects(remove(world));
  assert.equal(world.database.runs.size, 1);
  assert.equal(world.database.outstanding.size, 1);
  await world.do(world.service?.stop() ?? Promise.resolve());
  world.deletionFate = 'answered';
  await world.start('history-1');
  await world.clock.advance(5_000);
  assertNothingLeft(world);
});
