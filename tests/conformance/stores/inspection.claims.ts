import assert from 'node:assert/strict';
import type { InspectedPage, InspectedRange, Store } from '@duramesh/persistence';
import { everyStore } from './drivers.ts';
import { acquireShard, bytes, commit, keyOf, NAMESPACE, runWrite, visibilityRow } from './rows.ts';

const OTHER_NAMESPACE = 'a0b1c2d3-0000-4000-8000-000000000002';

/** All pages one after the other; the bound tells a store that never comes to an end. */
async function everyPage<T>(
  read: (range: InspectedRange) => Promise<InspectedPage<T>>,
  range: Partial<InspectedRange> = {},
): Promise<readonly T[]> {
  const rows: T[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 5_000; pages++) {
    const page = await read({ namespaceId: undefined, workflowId: undefined, limit: 3, ...range, after });
    assert.ok(page.rows.length <= 3, 'a page holds no more than was asked for');
    rows.push(...page.rows);
    after = page.next;
    if (after === undefined) return rows;
  }
  throw new Error('the pages have no end');
}

const runsOf = async (store: Store, range?: Partial<InspectedRange>): Promise<readonly string[]> =>
  (await everyPage((page) => store.inspection.runs(page), range))
    .map(({ key }) => `${key.namespaceId.at(-1)}/${key.workflowId}/${key.runId}`)
    .toSorted();

/** Eight runs of two namespaces over three shards. */
async function fill(store: Store): Promise<void> {
  for (const partition of [1, 2, 900]) {
    const lease = await acquireShard(store, partition);
    for (const runId of ['run-1', 'run-2']) {
      await commit(store, lease, runWrite(keyOf(`w-${partition}`, runId), { history: [] }));
    }
  }
  const lease = await acquireShard(store, 2);
  for (const runId of ['run-1', 'run-9']) await commit(store, lease, runWrite(keyOf('w-2', runId, OTHER_NAMESPACE)));
}

everyStore('an inspection goes through the runs of all shards, each once', async ({ store }) => {
  assert.deepEqual(await runsOf(store), []);
  await fill(store);
  const first = ['1/w-1/run-1', '1/w-1/run-2', '1/w-2/run-1', '1/w-2/run-2', '1/w-900/run-1', '1/w-900/run-2'];
  assert.deepEqual(await runsOf(store), [...first, '2/w-2/run-1', '2/w-2/run-9']);
});

everyStore('an inspection can keep to a namespace, and to a workflow of it', async ({ store }) => {
  await fill(store);
  assert.deepEqual(await runsOf(store, { namespaceId: OTHER_NAMESPACE }), ['2/w-2/run-1', '2/w-2/run-9']);
  assert.deepEqual(await runsOf(store, { namespaceId: NAMESPACE, workflowId: 'w-2' }), ['1/w-2/run-1', '1/w-2/run-2']);
  assert.deepEqual(await runsOf(store, { namespaceId: NAMESPACE, workflowId: 'w' }), []);
});

everyStore('an inspection tells what the row of a run says about its work', async ({ store }) => {
  const lease = await acquireShard(store, 7);
  const [idle, busy, staged] = [keyOf('idle'), keyOf('busy'), keyOf('staged')];
  await commit(store, lease, runWrite(idle));
  await commit(store, lease, runWrite(busy, { wakeAtMs: 5_000, outstanding: true }));
  await commit(store, lease, runWrite(busy, { expectedVersion: 1, wakeAtMs: 6_000, outstanding: true }));
  await store.executions.stageHistory({
    lease,
    key: staged,
    history: [{ firstEventId: 1, lastEventId: 1, data: bytes(1) }],
  });
  const rows = await everyPage((page) => store.inspection.runs(page));
  const byWorkflow = new Map(rows.map((row) => [row.key.workflowId, row]));
  const common = { partition: 7, wakeAtMs: 0 };
  assert.deepEqual(byWorkflow.get('idle'), { key: idle, ...common, version: 1, outstanding: false });
  assert.deepEqual(byWorkflow.get('busy'), { key: busy, partition: 7, version: 2, wakeAtMs: 6_000, outstanding: true });
  assert.deepEqual(byWorkflow.get('staged'), { key: staged, ...common, version: 0, outstanding: true });
  for (const row of rows) assert.deepEqual(await store.inspection.run(row.key), row);
  assert.equal(await store.inspection.run(keyOf('idle', 'no-such-run')), undefined);
});

everyStore('an inspection goes through the current runs of all workflows', async ({ store }) => {
  for (const partition of [1, 2, 3, 4, 5]) {
    const lease = await acquireShard(store, partition);
    const key = keyOf(`w-${partition}`);
    const runs = [runWrite(key, { visibility: visibilityRow(key) })];
    assert.equal(
      await store.executions.commit({ lease, runs, current: { ...key, expectedRunId: undefined } }),
      'committed',
    );
  }
  const rows = await everyPage((page) => store.inspection.currentRuns(page));
  assert.deepEqual(
    rows.map(({ workflowId, runId }) => `${workflowId}/${runId}`).toSorted(),
    [1, 2, 3, 4, 5].map((n) => `w-${n}/run-of-w-${n}`),
  );
  const range = { namespaceId: NAMESPACE, workflowId: 'w-4' };
  const [only, ...more] = await everyPage((page) => store.inspection.currentRuns(page), range);
  assert.deepEqual([only, more], [{ namespaceId: NAMESPACE, workflowId: 'w-4', runId: 'run-of-w-4' }, []]);
  assert.deepEqual(await everyPage((page) => store.inspection.currentRuns(page), { namespaceId: OTHER_NAMESPACE }), []);
});

everyStore('what was written and deleted in order leaves nothing without its run', async ({ store }) => {
  const lease = await acquireShard(store);
  for (const workflowId of ['kept', 'deleted']) {
    const key = keyOf(workflowId);
    const searchAttributes = new Map([['CustomerId', { type: 'Keyword', value: 'c' } as const]]);
    const write = runWrite(key, {
      upserts: [{ kind: 1, key: 'a', data: bytes(1) }],
      history: [{ firstEventId: 1, lastEventId: 2, data: bytes(1) }],
      visibility: visibilityRow(key, { searchAttributes }),
    });
    await commit(store, lease, write);
  }
  assert.equal(await store.executions.deleteRun(lease, keyOf('deleted')), 'committed');
  assert.deepEqual(await store.inspection.orphans(10), []);
  assert.deepEqual(await runsOf(store), ['1/kept/run-of-kept']);
});
