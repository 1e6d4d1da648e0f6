import assert from 'node:assert/strict';
import type { DueRun, Lease, Store } from '@duramesh/persistence';
import { everyStore } from './drivers.ts';
import { acquireShard, commit, keyOf, runWrite, write } from './rows.ts';

const ids = (runs: readonly DueRun[]): string[] => runs.map((run) => run.key.workflowId);

async function addRun(
  store: Store,
  lease: Lease,
  run: { id: string; wakeAtMs?: number; outstanding?: boolean },
): Promise<void> {
  const { id, wakeAtMs = 0, outstanding = false } = run;
  await commit(store, lease, runWrite(keyOf(id), { wakeAtMs, outstanding }));
}

everyStore('due runs come earliest first, of the shards asked for, up to the time and limit', async ({ store }) => {
  const shards = await store.leases.acquire('history', [1, 2, 3], 'm');
  const [one, two, three] = shards;
  assert.ok(one && two && three);
  await addRun(store, one, { id: 'late', wakeAtMs: 300 });
  await addRun(store, two, { id: 'soon', wakeAtMs: 100 });
  await addRun(store, one, { id: 'mid-b', wakeAtMs: 200 });
  await addRun(store, two, { id: 'mid-a', wakeAtMs: 200 });
  await addRun(store, three, { id: 'elsewhere', wakeAtMs: 50 });
  await addRun(store, one, { id: 'never' });
  assert.deepEqual(ids(await store.executions.readDue([1, 2], 250, 10)), ['soon', 'mid-a', 'mid-b']);
  assert.deepEqual(ids(await store.executions.readDue([1, 2], 300, 10)), ['soon', 'mid-a', 'mid-b', 'late']);
  assert.deepEqual(ids(await store.executions.readDue([1, 2], 300, 2)), ['soon', 'mid-a']);
  assert.deepEqual(ids(await store.executions.readDue([3], 300, 10)), ['elsewhere']);
  assert.deepEqual(await store.executions.readDue([], 300, 10), []);
  assert.deepEqual(await store.executions.readDue([1, 2, 3], 49, 10), []);
  const [first] = await store.executions.readDue([2], 100, 1);
  assert.deepEqual(first, { key: keyOf('soon'), partition: 2, wakeAtMs: 100 });
});

everyStore('a run is due at the time its last transition said', async ({ store }) => {
  const lease = await acquireShard(store);
  await addRun(store, lease, { id: 'w', wakeAtMs: 100 });
  await commit(store, lease, runWrite(keyOf('w'), { expectedVersion: 1, wakeAtMs: 900 }));
  assert.deepEqual(await store.executions.readDue([1], 500, 10), []);
  assert.deepEqual(ids(await store.executions.readDue([1], 900, 10)), ['w']);
  await commit(store, lease, runWrite(keyOf('w'), { expectedVersion: 2, wakeAtMs: 0 }));
  assert.deepEqual(await store.executions.readDue([1], 5000, 10), []);
  await commit(store, lease, runWrite(keyOf('w'), { expectedVersion: 3, wakeAtMs: 70 }));
  assert.deepEqual(ids(await store.executions.readDue([1], 70, 10)), ['w']);
});

everyStore('a run is outstanding as its last transition said, whatever else changes', async ({ store }) => {
  const lease = await acquireShard(store);
  const states = [
    { outstanding: true, wakeAtMs: 5 },
    { outstanding: true, wakeAtMs: 5 },
    { outstanding: true, wakeAtMs: 6 },
    { outstanding: false, wakeAtMs: 6 },
    { outstanding: false, wakeAtMs: 0 },
    { outstanding: true, wakeAtMs: 7 },
    { outstanding: false, wakeAtMs: 8 },
  ];
  for (const [expectedVersion, state] of states.entries()) {
    await commit(store, lease, runWrite(keyOf('w'), { expectedVersion, ...state }));
    const outstanding = await store.executions.readOutstanding([1], undefined, 10);
    const expected = { key: keyOf('w'), partition: 1, wakeAtMs: state.wakeAtMs };
    assert.deepEqual(outstanding, state.outstanding ? [expected] : []);
    assert.equal((await store.executions.readDue([1], 99, 10)).length, state.wakeAtMs > 0 ? 1 : 0);
  }
});

everyStore('outstanding runs of a thousand shards come page by page, each once, in order of key', async ({ store }) => {
  const partitions = Array.from({ length: 1000 }, (_, i) => i);
  const leases = await store.leases.acquire('history', partitions, 'm');
  const names = Array.from({ length: 120 }, (_, i) => `w${(i * 7919) % 120}`);
  const commits = names.map((id, i) => {
    const lease = leases[(i * 37) % 1000];
    assert.ok(lease);
    return store.executions.commit(write(lease, runWrite(keyOf(id), { outstanding: i % 4 !== 0 })));
  });
  await Promise.all(commits);
  const wanted = names.filter((_, i) => i % 4 !== 0).sort();
  const found: string[] = [];
  let after: DueRun | undefined;
  for (;;) {
    const page = await store.executions.readOutstanding(partitions, after, 7);
    found.push(...ids(page));
    after = page.at(-1);
    if (page.length < 7) break;
  }
  assert.deepEqual(found, wanted);
  assert.deepEqual(await store.executions.readOutstanding([1], undefined, 7), []);
});

everyStore('a cursor whose run is gone goes on after the place where it was', async ({ store }) => {
  const lease = await acquireShard(store);
  for (const id of ['a', 'b', 'c']) await addRun(store, lease, { id, outstanding: true });
  const [, second] = await store.executions.readOutstanding([1], undefined, 2);
  await store.executions.deleteRun(lease, keyOf('b'));
  assert.deepEqual(ids(await store.executions.readOutstanding([1], second, 5)), ['c']);
});
