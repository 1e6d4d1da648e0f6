import assert from 'node:assert/strict';
import type { HistoryBatch, Store } from '@duramesh/persistence';
import { everyStore } from './drivers.ts';
import { acquireShard, bytes, commit, keyOf, NAMESPACE, plain, runWrite, visibilityRow } from './rows.ts';

const key = keyOf('w', 'new-run');
const batch = (firstEventId: number, lastEventId: number): HistoryBatch => ({
  firstEventId,
  lastEventId,
  data: bytes(firstEventId, lastEventId),
});
const ALL = { fromEventId: 1, untilEventId: 100, maxBatches: 100 };
const historyOf = async (store: Store): Promise<unknown> =>
  (await store.executions.readHistory(key, ALL)).map(({ data }) => plain(data));
const outstandingRuns = async (store: Store): Promise<readonly string[]> =>
  (await store.executions.readOutstanding([1], undefined, 9)).map((run) => run.key.runId);

everyStore(
  'a history that is staged is seen by nobody until its run is created, and is then one',
  async ({ store }) => {
    const lease = await acquireShard(store);
    const stage = (...history: HistoryBatch[]) => store.executions.stageHistory({ lease, key, history });
    assert.equal(await stage(batch(1, 2), batch(3, 3)), 'committed');
    assert.equal(await stage(batch(4, 6)), 'committed');
    assert.equal(await stage(batch(4, 6)), 'committed', 'a repetition is harmless');
    assert.equal(await store.executions.readRun(key), undefined);
    assert.deepEqual(await historyOf(store), []);
    assert.deepEqual(await store.executions.readDue([1], 1_000, 9), []);
    await commit(store, lease, runWrite(key, { history: [batch(7, 7)], visibility: visibilityRow(key) }));
    assert.equal((await store.executions.readRun(key))?.version, 1);
    assert.deepEqual(await historyOf(store), [
      [1, 2],
      [3, 3],
      [4, 6],
      [7, 7],
    ]);
    assert.equal((await store.visibility.count(NAMESPACE, { where: undefined, groupBy: undefined })).count, 1);
    assert.deepEqual(await outstandingRuns(store), [], 'what the run waits for is what its own write says');
  },
);

everyStore('a staged history whose run never came is found by the next owner, who can remove it', async ({ store }) => {
  const lease = await acquireShard(store);
  await store.executions.stageHistory({ lease, key, history: [batch(1, 2)] });
  assert.deepEqual(await outstandingRuns(store), [key.runId]);
  const next = await acquireShard(store);
  assert.equal(await store.executions.deleteRun(next, key), 'committed');
  assert.deepEqual(await outstandingRuns(store), []);
  await commit(store, next, runWrite(key, { history: [batch(1, 1)] }));
  assert.deepEqual(await historyOf(store), [[1, 1]]);
});

everyStore(
  'staging under an older lease is fenced, and beside a run that exists it is a conflict',
  async ({ store }) => {
    const lease = await acquireShard(store);
    const next = await acquireShard(store);
    const history = [batch(1, 2)];
    assert.equal(await store.executions.stageHistory({ lease, key, history }), 'fenced');
    await commit(store, next, runWrite(key));
    assert.equal(await store.executions.stageHistory({ lease: next, key, history }), 'conflict');
    assert.deepEqual(await historyOf(store), []);
  },
);
