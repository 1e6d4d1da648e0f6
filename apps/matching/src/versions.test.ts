import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcCode, isStickyWorkerUnavailable } from '@duramesh/contracts';
import type { PollTaskReply, QueueDeployment, TaskRef } from '@duramesh/proto';
import { MatchingWorld, normalQueue, partition, stickyQueue } from './testing/matching-world.ts';

const PINNED = 1;
const AUTO_UPGRADE = 2;
const version = (buildId: string) => ({ deploymentName: 'dep', buildId });
const worker = (buildId: string) => ({ deploymentOptions: { ...version(buildId), workerVersioningMode: 2 } });
const pinnedTo = (buildId: string): Partial<TaskRef> => ({
  version: { behavior: PINNED, deploymentVersion: version(buildId), useRamping: false },
});

let revision = 0;
/** What the deployment of all these tests says: both versions have workers on the queue. */
function sync(world: MatchingWorld, current: string | undefined, ramp?: { buildId: string; percentage: number }) {
  revision += 1;
  const time = { seconds: revision };
  const deployment: QueueDeployment = {
    deploymentName: 'dep',
    revision,
    buildIds: ['1', '2'],
    routing: {
      currentDeploymentVersion: current === undefined ? undefined : version(current),
      currentVersionChangedTime: time,
      rampingDeploymentVersion: ramp && version(ramp.buildId),
      rampingVersionPercentage: ramp?.percentage ?? 0,
      rampingVersionPercentageChangedTime: ramp && time,
    },
  };
  return world.client.syncDeployment({ queue: normalQueue, deployment });
}

const idOf = (reply: PollTaskReply): string | undefined => reply.task?.task?.workflowId;

test('a new task goes to a worker of the current version and to no other one', async () => {
  const world = new MatchingWorld();
  await world.start();
  await world.clock.runUntil(sync(world, '1'));
  const others = [world.poll(), world.poll(worker('2'))];
  const mine = world.poll(worker('1'));
  void world.add({ workflowId: 'wf' });
  const reply = await world.clock.runUntil(mine);
  assert.equal(idOf(reply), 'wf');
  assert.equal(reply.task?.targetVersion?.buildId, '1');
  await world.started(reply);
  for (const other of others) assert.equal(idOf(await world.clock.runUntil(other)), undefined);
});

test('a pinned task waits for a worker of its version, whatever is current', async () => {
  const world = new MatchingWorld();
  await world.start();
  await world.clock.runUntil(sync(world, '2'));
  assert.equal(await world.clock.runUntil(world.add({ workflowId: 'pinned', ...pinnedTo('1') })), true);
  assert.equal(idOf(await world.clock.runUntil(world.poll({ ...worker('2'), waitMs: 1_000 }))), undefined);
  assert.equal(idOf(await world.clock.runUntil(world.poll(worker('1')))), 'pinned');
});

test('a stored backlog goes over to the new current version, in its order, and pinned tasks stay', async () => {
  const world = new MatchingWorld({ loadedTasks: 20 });
  const first = await world.start();
  await world.clock.runUntil(sync(world, '1'));
  const ids = Array.from({ length: 60 }, (_, i) => `wf-${i}`);
  for (const workflowId of ids) await world.clock.runUntil(world.add({ workflowId }));
  await world.clock.runUntil(world.add({ workflowId: 'pinned', ...pinnedTo('1') }));
  // Those that wait are in the store alone when the routing changes.
  first.crash();
  await world.start('b');
  await world.clock.runUntil(sync(world, '2'));
  const seen: (string | undefined)[] = [];
  for (let i = 0; i < ids.length; i++) {
    const reply = await world.clock.runUntil(world.poll(worker('2')));
    seen.push(idOf(reply));
    await world.clock.runUntil(world.started(reply));
  }
  assert.deepEqual(seen, ids);
  assert.equal(idOf(await world.clock.runUntil(world.poll({ ...worker('2'), waitMs: 500 }))), undefined);
  assert.equal(idOf(await world.clock.runUntil(world.poll(worker('1')))), 'pinned');
});

test('a worker that waits gets a task the moment its version becomes current', async () => {
  const world = new MatchingWorld();
  await world.start();
  await world.clock.runUntil(sync(world, '1'));
  const stored = world.clock.runUntil(world.add({ workflowId: 'wf' }));
  assert.equal(await stored, true);
  const waiting = world.poll(worker('2'));
  await world.clock.runUntil(sync(world, '2'));
  assert.equal(idOf(await world.clock.runUntil(waiting)), 'wf');
});

test('a ramp of all sends everything that is not pinned to the ramping version', async () => {
  const world = new MatchingWorld();
  await world.start();
  await world.clock.runUntil(sync(world, '1', { buildId: '2', percentage: 100 }));
  await world.clock.runUntil(world.add({ workflowId: 'wf' }));
  assert.equal(idOf(await world.clock.runUntil(world.poll({ ...worker('1'), waitMs: 500 }))), undefined);
  assert.equal(idOf(await world.clock.runUntil(world.poll(worker('2')))), 'wf');
});

test('older news of a deployment change nothing, also after a restart', async () => {
  const world = new MatchingWorld();
  const first = await world.start();
  await world.clock.runUntil(sync(world, '2'));
  first.crash();
  await world.start('b');
  const older = { deploymentName: 'dep', revision: revision - 1, buildIds: ['1'], routing: undefined };
  await world.clock.runUntil(world.client.syncDeployment({ queue: normalQueue, deployment: older }));
  const { versioning } = await world.clock.runUntil(world.client.describePartition({ queue: normalQueue }));
  assert.equal(versioning?.currentDeploymentVersion?.buildId, '2');
});

test('late news of a deployment that has left the queue do not bring it back', async () => {
  const world = new MatchingWorld();
  await world.start();
  const about = { queue: normalQueue, deployment: { deploymentName: 'dep', routing: undefined } };
  const tell = (at: number, buildIds: readonly string[]) =>
    world.clock.runUntil(
      world.client.syncDeployment({ ...about, deployment: { ...about.deployment, revision: at, buildIds } }),
    );
  await tell(5, ['1']);
  await tell(7, []);
  await tell(6, ['1', '2']);
  const { versioning } = await world.clock.runUntil(world.client.describePartition({ queue: normalQueue }));
  assert.equal(versioning, undefined);
});

test('a queue has workers of only so many versions, and the next ones are told so', async () => {
  const world = new MatchingWorld({ versions: 2 });
  await world.start();
  await world.clock.runUntil(sync(world, '1'));
  await assert.rejects(world.clock.runUntil(world.poll(worker('3'))), {
    code: GrpcCode.RESOURCE_EXHAUSTED,
    message: 'exceeding maximum number of Deployment Versions in this task queue (limit = 2)',
  });
});

test('the queue of one worker refuses a run that is to go on with another version', async () => {
  const world = new MatchingWorld();
  await world.start();
  await world.clock.runUntil(sync(world, '1'));
  const poll = world.poll({ ...worker('1'), waitMs: 60_000 }, stickyQueue);
  await world.clock.runUntil(world.clock.sleep(10));
  await world.clock.runUntil(sync(world, '2'));
  const ofFirst = { behavior: AUTO_UPGRADE, deploymentVersion: version('1'), useRamping: false };
  await assert.rejects(
    world.clock.runUntil(world.add({ workflowId: 'moves', version: ofFirst }, stickyQueue)),
    isStickyWorkerUnavailable,
  );
  void world.add({ workflowId: 'pinned', ...pinnedTo('1') }, stickyQueue);
  const reply = await world.clock.runUntil(poll);
  assert.equal(idOf(reply), 'pinned');
  assert.equal(reply.task?.targetVersion?.buildId, '2', 'its worker hears that others go elsewhere');
});

test('the partitions of a queue route alike, and a worker finds its tasks in each', async () => {
  const world = new MatchingWorld({}, () => ({ write: 2, read: 2 }));
  await world.start();
  await world.clock.runUntil(sync(world, '1'));
  void world.add({ workflowId: 'wf' }, partition(1));
  assert.equal(idOf(await world.clock.runUntil(world.poll({ ...worker('2'), waitMs: 500 }, partition(1)))), undefined);
  assert.equal(idOf(await world.clock.runUntil(world.poll(worker('1')))), 'wf');
});

test('the backlogs of all versions count when a queue is described', async () => {
  const world = new MatchingWorld();
  await world.start();
  await world.clock.runUntil(sync(world, '1'));
  for (const buildId of ['1', '2']) await world.clock.runUntil(world.add(pinnedTo(buildId)));
  const { levels } = await world.clock.runUntil(world.client.describePartition({ queue: normalQueue }));
  assert.deepEqual(
    levels.map(({ backlogCount }) => backlogCount),
    [2],
  );
});
