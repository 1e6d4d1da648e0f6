import assert from 'node:assert/strict';
import { everyStore } from './drivers.ts';
import { acquireShard, bytes, commit, keyOf, NAMESPACE, plain, runWrite, visibilityRow } from './rows.ts';

/** Things that are not workflow runs live in the same rows, under a namespace of their kind. @see entityNamespace */
const KIND = `${NAMESPACE}/worker-deployment`;
const noFilter = { where: undefined, groupBy: undefined };
const firstPage = { size: 10, after: undefined };

everyStore('an entity and a run of the same id do not see each other', async ({ store }) => {
  const lease = await acquireShard(store);
  const run = keyOf('same', '00000000-0000-4000-8000-000000000001');
  const entity = { namespaceId: KIND, workflowId: 'same', runId: 'worker-deployment' };
  await commit(store, lease, runWrite(run, { info: bytes(1), visibility: visibilityRow(run) }));
  await commit(
    store,
    lease,
    runWrite(entity, { info: bytes(2), outstanding: true, wakeAtMs: 5, visibility: visibilityRow(entity) }),
  );
  assert.deepEqual(plain((await store.executions.readRun(run))?.info), [1]);
  assert.deepEqual(plain((await store.executions.readRun(entity))?.info), [2]);
  const listed = async (namespaceId: string): Promise<string[]> => {
    const { rows } = await store.visibility.list(namespaceId, noFilter, firstPage);
    return rows.map(({ runId }) => runId);
  };
  assert.deepEqual(await listed(NAMESPACE), [run.runId]);
  assert.deepEqual(await listed(KIND), [entity.runId]);
  assert.equal((await store.visibility.count(KIND, noFilter)).count, 1);
});

everyStore('entities are found by the scans of their shard, and go with their list entry', async ({ store }) => {
  const lease = await acquireShard(store);
  const entity = { namespaceId: KIND, workflowId: 'dep', runId: 'worker-deployment' };
  const write = { outstanding: true, wakeAtMs: 5, visibility: visibilityRow(entity) };
  await commit(store, lease, runWrite(entity, write));
  const [outstanding] = await store.executions.readOutstanding([lease.partition], undefined, 10);
  assert.deepEqual(outstanding?.key, entity);
  const [due] = await store.executions.readDue([lease.partition], 10, 10);
  assert.deepEqual(due?.key, entity);
  assert.equal(await store.executions.deleteRun(lease, entity), 'committed');
  assert.equal(await store.executions.readRun(entity), undefined);
  assert.equal((await store.visibility.count(KIND, noFilter)).count, 0);
});
