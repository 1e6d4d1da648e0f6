import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcCode } from '@duramesh/contracts';
import { accept, respond, STAGE, UpdateWorld } from '../testing/update-world.ts';

const USE_EXISTING = 2;
const TERMINATE_EXISTING = 3;
const complete = { commands: [{ commandType: 4, completeWorkflowExecutionCommandAttributes: {} }] };

test('a workflow starts with an update on its first workflow task, in one write', async () => {
  const world = new UpdateWorld();
  await world.start();
  const { start, updateError } = await world.startWith('u1');
  assert.equal(updateError, undefined);
  assert.equal(start?.started, true);
  assert.equal([...world.database.runs.values()][0]?.version, 1);
  const task = await world.take();
  assert.deepEqual(
    task.messages?.map(({ id }) => id),
    ['u1/request'],
  );
  await world.answer(task, [accept('u1'), respond('u1')]);
  const updated = await world.do(world.send('u1', { watchId: 'watch of u1' }));
  assert.equal(updated.stage, STAGE.completed);
});

test('a start with an update whose write was lost is made again with the update', async () => {
  const world = new UpdateWorld();
  await world.start();
  world.fates.push({ landsAfterMs: undefined });
  await world.startWith('u1');
  assert.equal(world.database.runs.size, 1);
  assert.equal((await world.take()).messages?.length, 1);
});

test('a start with an update whose answer was lost joins what it has started', async () => {
  const world = new UpdateWorld();
  await world.start();
  const first = await world.startWith('u1');
  const again = await world.startWith('u1');
  assert.equal(again.start?.runId, first.start?.runId);
  assert.equal(again.updateError, undefined);
  assert.equal(world.database.runs.size, 1);
});

test('a running workflow is refused, updated or replaced as the policy says', async () => {
  const world = await UpdateWorld.idle();
  await assert.rejects(world.startWith('u1'), /Workflow execution is already running/);
  const used = await world.startWith('u1', { workflowIdConflictPolicy: USE_EXISTING });
  assert.equal(used.start?.started ?? false, false);
  const joined = await world.startWith('u1');
  assert.equal(joined.start?.runId, used.start?.runId, 'its own update is met there, whatever the policy');
  const replaced = await world.startWith('u2', { workflowIdConflictPolicy: TERMINATE_EXISTING });
  assert.equal(replaced.start?.started, true);
  assert.equal(world.database.runs.size, 2);
});

test('an update with an outcome is answered from the current run, open or closed', async () => {
  const world = await UpdateWorld.idle();
  await world.do(world.send('u1', { waitMs: 0 }));
  await world.answer(await world.take(), [accept('u1'), respond('u1')]);
  const open = await world.startWith('u1');
  assert.ok(open.update?.outcome?.success);
  await world.signal('signal-1');
  await world.answer(await world.take(), [], complete);
  const closed = await world.startWith('u1');
  assert.ok(closed.update?.outcome?.success);
  assert.equal(world.database.runs.size, 1);
});

test('an update that its running workflow does not take is an error of the update alone', async () => {
  const world = new UpdateWorld();
  await world.start();
  await world.startWith('u0');
  for (let i = 1; i < 10; i++) await world.startWith(`u${i}`);
  const { start, updateError } = await world.startWith('u10');
  assert.equal(start, undefined);
  assert.equal(updateError?.code, GrpcCode.RESOURCE_EXHAUSTED);
});

test('a start that is repeated after its run has ended tells that the update was aborted', async () => {
  const world = new UpdateWorld();
  await world.start();
  await world.startWith('u1');
  await world.answer(await world.take(), [], complete);
  const { start, updateError } = await world.startWith('u1');
  assert.equal(start?.started, true);
  assert.equal(updateError?.message, 'workflow update was aborted by closing workflow');
});
