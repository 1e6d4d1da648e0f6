import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcCode, ServiceError } from '@duramesh/contracts';
import { EVENT_TYPES } from '@duramesh/engine';
import { accept, reject, respond, STAGE, UpdateWorld } from '../testing/update-world.ts';

const { WorkflowExecutionUpdateAccepted: ACCEPTED } = EVENT_TYPES;
const isAborted = (error: unknown): boolean =>
  error instanceof ServiceError &&
  error.code === GrpcCode.UNAVAILABLE &&
  error.message === 'workflow update was aborted';

/** A call that may fail before it is looked at. */
function begun<T>(call: Promise<T>): Promise<T> {
  call.catch(() => undefined);
  return call;
}

test('an update of an idle workflow makes no write but the one of its acceptance', async () => {
  const world = await UpdateWorld.idle();
  const [run] = world.database.runs.values();
  const { version } = run ?? { version: 0 };
  const updated = begun(world.send('u1'));
  await world.clock.settle();
  const task = await world.take();
  assert.deepEqual(
    task.messages?.map(({ id }) => id),
    ['u1/request'],
  );
  assert.equal([...world.database.runs.values()][0]?.version, version);
  await world.answer(task, [accept('u1'), respond('u1')]);
  assert.equal([...world.database.runs.values()][0]?.version, version + 1);
  const { stage, outcome, link } = await world.do(updated);
  assert.equal(stage, STAGE.completed);
  assert.ok(outcome?.success);
  assert.equal(link?.workflowEvent?.requestIdRef?.eventType, ACCEPTED);
});

test('an acceptance that does not become durable is told to nobody', async () => {
  const world = await UpdateWorld.idle();
  const updated = begun(world.send('u1', { stage: STAGE.accepted }));
  await world.clock.settle();
  const task = await world.take();
  // The write comes too late for the lease that was taken meanwhile: the worker's answer comes to nothing, and so does the update.
  world.fates.push({ landsAfterMs: 30_000 });
  const answered = begun(world.answer(task, [accept('u1')]));
  await assert.rejects(answered, /Workflow task not found/);
  await assert.rejects(updated, isAborted);
  assert.ok(!world.stored.includes(ACCEPTED));
});

test('who waits for an accepted update hears of its end also when the answer of the store to that is lost', async () => {
  const world = await UpdateWorld.idle();
  const updated = begun(world.send('u1'));
  await world.clock.settle();
  await world.answer(await world.take(), [accept('u1')]);
  await world.signal('go on');
  const task = await world.take();
  world.fates.push({ landsAfterMs: 0 });
  const answeredAtMs = world.clock.now();
  await assert.rejects(world.answer(task, [respond('u1')]), /Workflow task not found/);
  assert.equal((await world.do(updated)).stage, STAGE.completed);
  assert.ok(world.clock.now() - answeredAtMs < 15_000, 'the wait is over before its time');
});

test('a rejection writes nothing, and its worker is told where to go back to', async () => {
  const world = await UpdateWorld.idle();
  const before = world.stored;
  const updated = begun(world.send('u1'));
  await world.clock.settle();
  const { resetHistoryEventId } = await world.answer(await world.take(), [reject('u1')]);
  assert.equal(resetHistoryEventId, 3);
  assert.equal((await world.do(updated)).outcome?.failure?.message, 'no');
  assert.deepEqual(world.stored, before);
});

test('a caller that waits in several calls does not miss a rejection between two of them', async () => {
  const world = await UpdateWorld.idle();
  const first = await world.do(world.send('u1', { waitMs: 1_000, watchId: 'w' }));
  assert.equal(first.stage, STAGE.admitted);
  await world.answer(await world.take(), [reject('u1')]);
  const second = await world.do(world.send('u1', { watchId: 'w' }));
  assert.equal(second.outcome?.failure?.message, 'no');
});

test('a caller that does not come back is forgotten, and its id may be used for a new update', async () => {
  const world = await UpdateWorld.idle();
  await world.do(world.send('u1', { waitMs: 1_000, watchId: 'w' }));
  await world.answer(await world.take(), [reject('u1')]);
  await world.clock.advance(10_000);
  const again = await world.do(world.send('u1', { waitMs: 1_000, watchId: 'w' }));
  assert.equal(again.stage, STAGE.admitted);
});

test('an update task that nobody takes is written after five seconds, though nothing stored asks for that', async () => {
  const world = await UpdateWorld.idle();
  const [run] = world.database.runs.values();
  void begun(world.send('u1', { waitMs: 60_000 }));
  await world.clock.settle();
  assert.equal(run?.wakeAtMs, 0);
  await world.clock.advance(6_000);
  assert.deepEqual(world.stored.slice(4), [
    EVENT_TYPES.WorkflowTaskScheduled,
    EVENT_TYPES.WorkflowTaskTimedOut,
    EVENT_TYPES.WorkflowTaskScheduled,
  ]);
  assert.deepEqual(
    (await world.take()).messages?.map(({ id }) => id),
    ['u1/request'],
  );
});

test('an update that is lost with the owner of its run is to be sent again, and is taken by the next owner', async () => {
  const world = await UpdateWorld.idle();
  const updated = begun(world.send('u1'));
  await world.clock.settle();
  world.database.rangeIds.set('history/0', 1_000);
  await world.signal('signal-1');
  await assert.rejects(world.do(updated), isAborted);
  const again = begun(world.send('u1'));
  await world.clock.settle();
  await world.answer(await world.take(), [accept('u1'), respond('u1')]);
  assert.equal((await world.do(again)).stage, STAGE.completed);
});

test('a run with a waiting update is kept in memory longer than others', async () => {
  const world = await UpdateWorld.idle({ cachedRuns: 2 });
  const updated = begun(world.send('u1'));
  await world.clock.settle();
  for (const id of ['a', 'b', 'c', 'd']) await world.startWorkflow(id, id);
  const { stage } = await world.poll('u1');
  assert.equal(stage, STAGE.admitted);
  await world.service?.stop();
  await assert.rejects(world.do(updated), isAborted);
});

test('the outcome of an update is read from history when nobody waited for it', async () => {
  const world = await UpdateWorld.idle();
  await world.do(world.send('u1', { waitMs: 0 }));
  await world.answer(await world.take(), [accept('u1'), respond('u1')]);
  const { stage, outcome } = await world.poll('u1', { stage: STAGE.completed });
  assert.equal(stage, STAGE.completed);
  assert.ok(outcome?.success);
  await assert.rejects(world.poll('u2'), /update "u2" not found/);
});
