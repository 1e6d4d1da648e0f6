import assert from 'node:assert/strict';
import { everyStore } from './drivers.ts';
import { acquireShard, bytes, commit, keyOf, NAMESPACE, plain, runWrite, visibilityRow, write } from './rows.ts';

const noFilter = { where: undefined, groupBy: undefined };
const firstPage = { size: 10, after: undefined };

everyStore('a created run reads back at version 1 with its items in order', async ({ store }) => {
  const lease = await acquireShard(store);
  const key = keyOf('w');
  const upserts = [
    { kind: 2, key: 'b', data: bytes(2) },
    { kind: 10, key: 'a', data: bytes(3) },
    { kind: 2, key: 'B', data: bytes() },
  ];
  await commit(store, lease, runWrite(key, { info: bytes(9, 8), upserts }));
  const run = await store.executions.readRun(key);
  assert.deepEqual(run?.key, key);
  assert.equal(run.version, 1);
  assert.deepEqual(plain(run.info), [9, 8]);
  assert.deepEqual(
    run.items.map(({ kind, key: itemKey, data }) => [kind, itemKey, plain(data)]),
    [
      [2, 'B', []],
      [2, 'b', [2]],
      [10, 'a', [3]],
    ],
  );
});

everyStore('a run that was never written reads as undefined, and so does its pointer', async ({ store }) => {
  assert.equal(await store.executions.readRun(keyOf('w')), undefined);
  assert.equal(await store.executions.readCurrentRunId(NAMESPACE, 'w'), undefined);
  const range = { fromEventId: 1, untilEventId: 100, maxBatches: 10 };
  assert.deepEqual(await store.executions.readHistory(keyOf('w'), range), []);
});

everyStore('an update on the version it read raises it by one', async ({ store }) => {
  const lease = await acquireShard(store);
  const key = keyOf('w');
  for (let version = 0; version < 5; version++) {
    await commit(store, lease, runWrite(key, { expectedVersion: version, info: bytes(version) }));
  }
  const run = await store.executions.readRun(key);
  assert.equal(run?.version, 5);
  assert.deepEqual(plain(run.info), [4]);
});

everyStore('a write decided on an older version is a conflict and leaves no trace', async ({ store }) => {
  const lease = await acquireShard(store);
  const key = keyOf('w');
  await commit(store, lease, runWrite(key));
  await commit(store, lease, runWrite(key, { expectedVersion: 1 }));
  const late = runWrite(key, {
    expectedVersion: 1,
    info: bytes(66),
    upserts: [{ kind: 1, key: 'x', data: bytes(1) }],
    history: [{ firstEventId: 1, lastEventId: 1, data: bytes(1) }],
    outstanding: true,
    wakeAtMs: 5,
    visibility: visibilityRow(key),
  });
  assert.equal(await store.executions.commit(write(lease, late)), 'conflict');
  const run = await store.executions.readRun(key);
  assert.deepEqual([run?.version, plain(run?.info), run?.items], [2, [1], []]);
  assert.deepEqual(await store.executions.readHistory(key, { fromEventId: 1, untilEventId: 9, maxBatches: 9 }), []);
  assert.deepEqual(await store.executions.readOutstanding([1], undefined, 9), []);
  assert.deepEqual(await store.executions.readDue([1], 99, 9), []);
  assert.equal((await store.visibility.count(NAMESPACE, noFilter)).count, 0);
});

everyStore('creating a run that exists is a conflict, and so is updating one that does not', async ({ store }) => {
  const lease = await acquireShard(store);
  await commit(store, lease, runWrite(keyOf('w')));
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('w')))), 'conflict');
  const update = runWrite(keyOf('other'), { expectedVersion: 1 });
  assert.equal(await store.executions.commit(write(lease, update)), 'conflict');
});

everyStore('a write under an older lease is fenced, whatever its version', async ({ store }) => {
  const old = await acquireShard(store);
  const key = keyOf('w');
  await commit(store, old, runWrite(key));
  const lease = await acquireShard(store);
  assert.equal(await store.executions.commit(write(old, runWrite(key, { expectedVersion: 1 }))), 'fenced');
  assert.equal(await store.executions.commit(write(old, runWrite(key, { expectedVersion: 7 }))), 'fenced');
  assert.equal(await store.executions.deleteRun(old, key), 'fenced');
  assert.equal((await store.executions.readRun(key))?.version, 1);
  await commit(store, lease, runWrite(key, { expectedVersion: 1 }));
});

everyStore('a lease nobody ever granted is fenced', async ({ store }) => {
  const lease = { kind: 'history', partition: 5, rangeId: 1 } as const;
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('w')))), 'fenced');
  await store.leases.acquire('matching', [5], 'm');
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('w')))), 'fenced');
});

everyStore('neighbours of a conflict and of a fenced write in one moment are committed', async ({ store }) => {
  const old = await acquireShard(store, 2);
  const lease = await acquireShard(store, 1);
  const other = await acquireShard(store, 2);
  await commit(store, lease, runWrite(keyOf('taken')));
  const results = await Promise.all([
    store.executions.commit(write(lease, runWrite(keyOf('a')))),
    store.executions.commit(write(lease, runWrite(keyOf('taken')))),
    store.executions.commit(write(old, runWrite(keyOf('b')))),
    store.executions.commit(write(other, runWrite(keyOf('c')))),
    store.executions.commit(write(lease, runWrite(keyOf('a')))),
    store.executions.commit(write(lease, runWrite(keyOf('a'), { expectedVersion: 1 }))),
  ]);
  assert.deepEqual(results, ['committed', 'conflict', 'fenced', 'committed', 'conflict', 'committed']);
  assert.equal((await store.executions.readRun(keyOf('a')))?.version, 2);
  assert.equal(await store.executions.readRun(keyOf('b')), undefined);
  assert.equal((await store.executions.readRun(keyOf('c')))?.version, 1);
});

everyStore('a lease taken in the same moment fences the writes behind it', async ({ store }) => {
  const old = await acquireShard(store);
  const [before, , after] = await Promise.all([
    store.executions.commit(write(old, runWrite(keyOf('before')))),
    store.leases.acquire('history', [1], 'member-2'),
    store.executions.commit(write(old, runWrite(keyOf('after')))),
  ]);
  assert.deepEqual([before, after], ['committed', 'fenced']);
});

everyStore('two runs in one write are both written or neither', async ({ store }) => {
  const lease = await acquireShard(store);
  const [first, second] = [keyOf('w', 'run-1'), keyOf('w', 'run-2')];
  await commit(store, lease, runWrite(first));
  const stale = [runWrite(second), runWrite(first, { expectedVersion: 9, info: bytes(2) })];
  assert.equal(await store.executions.commit(write(lease, ...stale)), 'conflict');
  assert.equal(await store.executions.readRun(second), undefined);
  await commit(store, lease, runWrite(second), runWrite(first, { expectedVersion: 1, info: bytes(2) }));
  assert.equal((await store.executions.readRun(second))?.version, 1);
  assert.equal((await store.executions.readRun(first))?.version, 2);
});

everyStore('the pointer moves only from the run it is expected to name', async ({ store }) => {
  const lease = await acquireShard(store);
  const current = { namespaceId: NAMESPACE, workflowId: 'w', expectedRunId: undefined, runId: 'run-1' };
  const start = { lease, runs: [runWrite(keyOf('w', 'run-1'))], current };
  assert.equal(await store.executions.commit(start), 'committed');
  assert.equal(await store.executions.readCurrentRunId(NAMESPACE, 'w'), 'run-1');

  const again = { lease, runs: [runWrite(keyOf('w', 'run-2'))], current: { ...current, runId: 'run-2' } };
  assert.equal(await store.executions.commit(again), 'conflict');
  const wrong = { ...again, current: { ...again.current, expectedRunId: 'run-0' } };
  assert.equal(await store.executions.commit(wrong), 'conflict');
  assert.equal(await store.executions.readRun(keyOf('w', 'run-2')), undefined);

  const right = { ...again, current: { ...again.current, expectedRunId: 'run-1' } };
  assert.equal(await store.executions.commit(right), 'committed');
  assert.equal(await store.executions.readCurrentRunId(NAMESPACE, 'w'), 'run-2');
  const gone = { lease, runs: [], current: { ...current, workflowId: 'x', expectedRunId: 'run-1' } };
  assert.equal(await store.executions.commit(gone), 'conflict');
});

everyStore('items are replaced by key within their kind and deleted by key', async ({ store }) => {
  const lease = await acquireShard(store);
  const key = keyOf('w');
  const item = (kind: number, itemKey: string, value: number) => ({ kind, key: itemKey, data: bytes(value) });
  await commit(store, lease, runWrite(key, { upserts: [item(1, 'a', 1), item(1, 'b', 2), item(2, 'a', 3)] }));
  const deletes = [
    { kind: 1, key: 'b' },
    { kind: 3, key: 'a' },
  ];
  await commit(
    store,
    lease,
    runWrite(key, { expectedVersion: 1, upserts: [item(1, 'a', 9), item(1, 'c', 4)], deletes }),
  );
  const run = await store.executions.readRun(key);
  assert.deepEqual(
    run?.items.map((row) => [row.kind, row.key, plain(row.data)]),
    [
      [1, 'a', [9]],
      [1, 'c', [4]],
      [2, 'a', [3]],
    ],
  );
});

everyStore('a deleted run is gone with its items, history, list entry, queues and pointer', async ({ store }) => {
  const lease = await acquireShard(store);
  const key = keyOf('w');
  const run = runWrite(key, {
    upserts: [{ kind: 1, key: 'a', data: bytes(1) }],
    history: [{ firstEventId: 1, lastEventId: 2, data: bytes(1) }],
    wakeAtMs: 10,
    outstanding: true,
    visibility: visibilityRow(key, { searchAttributes: new Map([['K', { type: 'Keyword', value: 'v' }]]) }),
  });
  const current = { namespaceId: NAMESPACE, workflowId: 'w', expectedRunId: undefined, runId: key.runId };
  assert.equal(await store.executions.commit({ lease, runs: [run], current }), 'committed');
  await commit(store, lease, runWrite(keyOf('neighbour'), { history: run.history, upserts: run.upserts }));

  assert.equal(await store.executions.deleteRun(lease, key), 'committed');
  assert.equal(await store.executions.deleteRun(lease, key), 'committed');
  assert.equal(await store.executions.readRun(key), undefined);
  assert.equal(await store.executions.readCurrentRunId(NAMESPACE, 'w'), undefined);
  assert.deepEqual(await store.executions.readOutstanding([1], undefined, 9), []);
  assert.deepEqual(await store.executions.readDue([1], 99, 9), []);
  assert.deepEqual((await store.visibility.list(NAMESPACE, noFilter, firstPage)).rows, []);

  await commit(store, lease, runWrite(key));
  assert.deepEqual((await store.executions.readRun(key))?.items, []);
  const range = { fromEventId: 1, untilEventId: 100, maxBatches: 10 };
  assert.deepEqual(await store.executions.readHistory(key, range), []);
  assert.equal((await store.executions.readHistory(keyOf('neighbour'), range)).length, 1);
  assert.equal((await store.executions.readRun(keyOf('neighbour')))?.items.length, 1);
});

everyStore('deleting an earlier run keeps the pointer that moved on', async ({ store }) => {
  const lease = await acquireShard(store);
  const pointer = { namespaceId: NAMESPACE, workflowId: 'w' };
  const [first, second] = [keyOf('w', 'run-1'), keyOf('w', 'run-2')];
  const start = { ...pointer, expectedRunId: undefined, runId: 'run-1' };
  await store.executions.commit({ lease, runs: [runWrite(first)], current: start });
  const move = { ...pointer, expectedRunId: 'run-1', runId: 'run-2' };
  await store.executions.commit({ lease, runs: [runWrite(second)], current: move });
  assert.equal(await store.executions.deleteRun(lease, first), 'committed');
  assert.equal(await store.executions.readCurrentRunId(NAMESPACE, 'w'), 'run-2');
  assert.equal((await store.executions.readRun(second))?.version, 1);
});

everyStore('what the caller does to its objects after a commit does not reach the store', async ({ store }) => {
  const lease = await acquireShard(store);
  const key = keyOf('w');
  const upserts = [{ kind: 1, key: 'a', data: bytes(1) }];
  const searchAttributes = new Map([['K', { type: 'Keyword', value: 'v' } as const]]);
  await commit(store, lease, runWrite(key, { upserts, visibility: visibilityRow(key, { searchAttributes }) }));
  upserts.length = 0;
  searchAttributes.clear();
  const first = await store.executions.readRun(key);
  assert.equal(first?.items.length, 1);
  (first.items as unknown[]).length = 0;
  assert.equal((await store.executions.readRun(key))?.items.length, 1);
  const field = { kind: 'attribute', name: 'K', type: 'Keyword' } as const;
  const where = { kind: 'compare', field, operator: '=', value: 'v' } as const;
  assert.equal((await store.visibility.count(NAMESPACE, { where, groupBy: undefined })).count, 1);
});

everyStore('keys of any characters and blobs of any size come back as they were', async ({ store }) => {
  const lease = await acquireShard(store);
  const key = keyOf(`'; DROP TABLE executions; -- \u{1f980} é %_\\`, 'run"1');
  const big = new Uint8Array(3_000_000).map((_, i) => i * 31);
  await commit(store, lease, runWrite(key, { info: big, history: [{ firstEventId: 1, lastEventId: 1, data: big }] }));
  const run = await store.executions.readRun(key);
  assert.ok(run && Buffer.compare(run.info, big) === 0);
  const [batch] = await store.executions.readHistory(key, { fromEventId: 1, untilEventId: 2, maxBatches: 1 });
  assert.ok(batch && Buffer.compare(batch.data, big) === 0);
});

everyStore('writes of one moment share a transaction unless each has its own', async ({ store }) => {
  const lease = await acquireShard(store);
  const before = store.stats.commits;
  await Promise.all(Array.from({ length: 50 }, (_, i) => commit(store, lease, runWrite(keyOf(`w${i}`)))));
  const commits = store.stats.commits - before;
  assert.equal(commits, store.name === 'memory' ? 50 : 1);
  assert.ok(store.stats.rowsWritten >= 50 && store.stats.bytesWritten >= 50);
});

everyStore('ids that differ in case or in spaces at the end are different, up to 1,000 bytes', async ({ store }) => {
  const lease = await acquireShard(store);
  const ids = ['w', 'W', 'w ', 'w\0', 'ẃ', `${'é'.repeat(499)}w1`, `${'é'.repeat(499)}w2`];
  const keys = ids.map((id, i) => keyOf(id, `run-${i}`));
  for (const [i, key] of keys.entries()) {
    const upserts = ['k', 'K', 'k '].map((itemKey) => ({ kind: 1, key: itemKey, data: bytes(i) }));
    const current = { ...key, expectedRunId: undefined };
    const run = runWrite(key, { info: bytes(i), upserts, visibility: visibilityRow(key) });
    assert.equal(await store.executions.commit({ lease, runs: [run], current }), 'committed');
  }
  for (const [i, key] of keys.entries()) {
    const run = await store.executions.readRun(key);
    assert.deepEqual([plain(run?.info), run?.items.length], [[i], 3]);
    assert.equal(await store.executions.readCurrentRunId(NAMESPACE, key.workflowId), key.runId);
  }
});
