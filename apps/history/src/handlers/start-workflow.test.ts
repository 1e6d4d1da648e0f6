import assert from 'node:assert/strict';
import test from 'node:test';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

const REJECT_DUPLICATE = 3;
const USE_EXISTING = 2;

/** A service that knows of nothing it has stored: another one has served the shard before. */
async function successor(prepare: (world: HistoryWorld) => Promise<unknown>): Promise<HistoryWorld> {
  const world = new HistoryWorld();
  const first = await world.start();
  await prepare(world);
  await world.do(first.stop());
  await world.start('history-1');
  world.asked.length = 0;
  return world;
}

function start(world: HistoryWorld, policies: object = {}): Promise<unknown> {
  const request = {
    workflowId: 'wf',
    requestId: 'another',
    workflowType: { name: 'type' },
    taskQueue: { name: 'queue' },
  };
  return world.do(world.client.startWorkflow({ namespace: NAMESPACE, request: { ...request, ...policies } }));
}

const end = (world: HistoryWorld): Promise<unknown> => {
  const request = { workflowExecution: { workflowId: 'wf' } };
  return world.do(world.client.terminateWorkflow({ namespace: NAMESPACE, request }));
};

test('the start of a workflow with a new id is written without a look into the store', async () => {
  const world = new HistoryWorld();
  await world.start();
  world.asked.length = 0;
  await world.startWorkflow();
  assert.deepEqual(
    world.asked.filter((operation) => operation !== 'append'),
    ['commit'],
  );
});

test('a start whose id is taken by an open run that memory does not know is refused, and writes nothing', async () => {
  const world = await successor((before) => before.startWorkflow());
  await assert.rejects(start(world), /already running/);
  assert.equal(world.database.runs.size, 1);
});

test('a start that is repeated to another owner is answered with the run it has made', async () => {
  let runId: string | undefined;
  const world = await successor(async (before) => ({ runId } = await before.startWorkflow()));
  const again = await world.startWorkflow();
  assert.equal(again.runId, runId);
  assert.equal(world.database.runs.size, 1);
});

test('a start after a closed run that memory does not know follows its reuse policy', async () => {
  const world = await successor(async (before) => {
    await before.startWorkflow();
    await end(before);
  });
  await assert.rejects(start(world, { workflowIdReusePolicy: REJECT_DUPLICATE }), /already/);
  assert.equal(world.database.runs.size, 1);
  await start(world);
  assert.equal(world.database.runs.size, 2);
});

test('who is content with a workflow that runs already has the store asked first', async () => {
  const world = await successor((before) => before.startWorkflow());
  await start(world, { workflowIdConflictPolicy: USE_EXISTING });
  assert.ok(world.asked.includes('readCurrentRunId'));
  assert.ok(!world.asked.includes('commit'));
});
