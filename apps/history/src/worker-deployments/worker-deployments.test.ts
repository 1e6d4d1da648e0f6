import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcCode } from '@duramesh/contracts';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

const DRAINING = 4;
const DRAINED = 5;
const COMPLETED = 2;

/** A deployment whose versions poll one queue. */
async function deployed(world: HistoryWorld, ...buildIds: string[]): Promise<void> {
  for (const buildId of buildIds) {
    const worker = { namespaceId: NAMESPACE.id, name: 'dep', buildId, taskQueue: 'queue', taskQueueType: 1 };
    await world.do(world.client.registerWorker(worker));
  }
}

const setCurrent = (world: HistoryWorld, buildId: string) =>
  world.do(
    world.client.setCurrentVersion({
      namespace: NAMESPACE,
      name: 'dep',
      request: { buildId, identity: 'operator', ignoreMissingTaskQueues: true },
    }),
  );

async function described(world: HistoryWorld) {
  const answer = await world.do(world.client.describeDeployment({ namespace: NAMESPACE, name: 'dep', request: {} }));
  const { routingConfig, versionSummaries, routingConfigUpdateState } = answer.workerDeploymentInfo ?? {};
  const statuses = (versionSummaries ?? []).map(({ deploymentVersion, status }) => [
    deploymentVersion?.buildId,
    status,
  ]);
  return { current: routingConfig?.currentDeploymentVersion?.buildId, statuses, state: routingConfigUpdateState };
}

test('the queues of a deployment hear of a new current version, and the deployment says when all have', async () => {
  const world = new HistoryWorld();
  await world.start();
  await deployed(world, '1', '2');
  await setCurrent(world, '2');
  await world.do(world.clock.sleep(10));
  const [told] = world.synced;
  assert.equal(told?.queue?.name, 'queue');
  assert.deepEqual(told.deployment?.buildIds, ['1', '2']);
  assert.equal(told.deployment.routing?.currentDeploymentVersion?.buildId, '2');
  assert.equal((await described(world)).state, COMPLETED);
});

test('what queues could not be told a new owner of the shard tells them', async () => {
  const world = new HistoryWorld();
  await world.start();
  await deployed(world, '1');
  world.deafQueues = true;
  await setCurrent(world, '1');
  await world.do(world.clock.sleep(1_000));
  assert.notEqual((await described(world)).state, COMPLETED);
  world.deafQueues = false;
  world.synced.length = 0;
  await world.start('history-1');
  await world.do(world.clock.sleep(60_000));
  assert.ok(world.synced.length > 0);
  assert.equal((await described(world)).state, COMPLETED);
});

test('a change whose write got no answer is made once, whether it has landed or not', async () => {
  for (const landsAfterMs of [0, undefined]) {
    const world = new HistoryWorld();
    await world.start();
    await deployed(world, '1');
    world.fates.push({ landsAfterMs });
    await setCurrent(world, '1');
    const { current } = await described(world);
    assert.equal(current, '1', String(landsAfterMs));
  }
});

test('a version that new workflows have left is drained once no pinned workflow is open', async () => {
  const world = new HistoryWorld();
  await world.start();
  await deployed(world, '1', '2');
  await setCurrent(world, '1');
  await setCurrent(world, '2');
  const statusOfFirst = async () => (await described(world)).statuses.find(([buildId]) => buildId === '1')?.[1];
  assert.equal(await statusOfFirst(), DRAINING);
  await world.do(world.clock.sleep(170_000));
  assert.equal(await statusOfFirst(), DRAINING);
  await world.do(world.clock.sleep(30_000));
  assert.equal(await statusOfFirst(), DRAINED);
});

test('a workflow with the name of a deployment is another thing', async () => {
  const world = new HistoryWorld();
  await world.start();
  await deployed(world, '1');
  await world.startWorkflow('dep');
  await setCurrent(world, '1');
  assert.equal((await described(world)).current, '1');
  await world.signal('s', 'dep');
});

test('a full deployment makes room for a new version by letting go of the oldest that nobody uses', async () => {
  const world = new HistoryWorld();
  await world.start();
  const buildIds = Array.from({ length: 100 }, (_, i) => `v${i}`);
  await deployed(world, ...buildIds, 'one-more');
  const { statuses } = await described(world);
  assert.equal(statuses.length, 100);
  assert.ok(statuses.some(([buildId]) => buildId === 'one-more'));
  assert.ok(!statuses.some(([buildId]) => buildId === 'v0'));
});

test('a deployment goes when its versions have, and can be made again', async () => {
  const world = new HistoryWorld();
  await world.start();
  await deployed(world, '1');
  const remove = () => world.do(world.client.deleteDeployment({ namespace: NAMESPACE, name: 'dep', request: {} }));
  await assert.rejects(remove(), { code: GrpcCode.FAILED_PRECONDITION });
  const request = { deploymentVersion: { deploymentName: 'dep', buildId: '1' } };
  await world.do(world.client.deleteDeploymentVersion({ namespace: NAMESPACE, name: 'dep', request }));
  await world.do(world.clock.sleep(10));
  await remove();
  await assert.rejects(described(world), { code: GrpcCode.NOT_FOUND });
  await deployed(world, '2');
  assert.deepEqual((await described(world)).statuses, [['2', 1]]);
});

test('a run is pinned only to a version with workers on its queue, which then has a workflow again', async () => {
  const world = new HistoryWorld();
  await world.start();
  await deployed(world, '1');
  const version = { deploymentName: 'dep', buildId: '1' };
  const request = {
    workflowId: 'pinned',
    requestId: 'start',
    workflowType: { name: 'type' },
    taskQueue: { name: 'queue' },
    versioningOverride: { pinned: { behavior: 1, version } },
  };
  const start = () => world.do(world.client.startWorkflow({ namespace: NAMESPACE, request }));
  await assert.rejects(start(), {
    code: GrpcCode.FAILED_PRECONDITION,
    message: "Pinned version 'dep:1' is not present in task queue 'queue' of type 'Workflow'",
  });
  const onQueue = { deploymentName: 'dep', revision: 1, routing: undefined, buildIds: ['1'] };
  world.versioning = { deployments: [onQueue], rules: undefined };
  await start();
  assert.deepEqual((await described(world)).statuses, [['1', DRAINING]]);
  const handed = world.handedOver.at(-1)?.task?.version;
  assert.deepEqual([handed?.behavior, handed?.deploymentVersion?.buildId], [1, '1']);
});
