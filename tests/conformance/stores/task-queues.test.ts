import assert from 'node:assert/strict';
import type { BacklogTask, Lease, Store } from '@duramesh/persistence';
import { everyStore } from './drivers.ts';
import { bytes, plain } from './rows.ts';

const task = (taskId: number, dedupeKey = `key-${taskId}`, expiresMs = 0): BacklogTask => ({
  taskId,
  dedupeKey,
  data: bytes(taskId),
  expiresMs,
});

async function acquireSlot(store: Store): Promise<Lease> {
  const [lease] = await store.leases.acquire('matching', [3], 'm');
  assert.ok(lease);
  return lease;
}

async function taskIds(store: Store, queue: string, { after = 0, limit = 100 } = {}): Promise<number[]> {
  return (await store.taskQueues.read(queue, after, limit)).map(({ taskId }) => taskId);
}

everyStore('a backlog reads in order of task id, after the one given, up to the limit', async ({ store }) => {
  const lease = await acquireSlot(store);
  assert.equal(await store.taskQueues.append(lease, 'q', [task(30), task(4), task(100, 'k', 77)]), 'committed');
  assert.equal(await store.taskQueues.append(lease, 'q2', [task(5)]), 'committed');
  assert.deepEqual(await taskIds(store, 'q'), [4, 30, 100]);
  assert.deepEqual(await taskIds(store, 'q', { after: 4 }), [30, 100]);
  assert.deepEqual(await taskIds(store, 'q', { limit: 2 }), [4, 30]);
  assert.deepEqual(await taskIds(store, 'nowhere'), []);
  const [last] = await store.taskQueues.read('q', 30, 1);
  assert.deepEqual({ ...last, data: plain(last?.data) }, { taskId: 100, dedupeKey: 'k', data: [100], expiresMs: 77 });
});

everyStore('work that waits already is left as it is, in its queue only', async ({ store }) => {
  const lease = await acquireSlot(store);
  await store.taskQueues.append(lease, 'q', [task(1, 'a')]);
  assert.equal(await store.taskQueues.append(lease, 'q', [task(2, 'a'), task(3, 'b'), task(4, 'b')]), 'committed');
  assert.deepEqual(await taskIds(store, 'q'), [1, 3]);
  await store.taskQueues.append(lease, 'q2', [task(2, 'a')]);
  assert.deepEqual(await taskIds(store, 'q2'), [2]);
  await store.taskQueues.remove(lease, 'q', [1]);
  await store.taskQueues.append(lease, 'q', [task(5, 'a')]);
  assert.deepEqual(await taskIds(store, 'q'), [3, 5]);
});

everyStore('a task id that other work has is a conflict that adds nothing', async ({ store }) => {
  const lease = await acquireSlot(store);
  await store.taskQueues.append(lease, 'q', [task(1, 'a')]);
  assert.equal(await store.taskQueues.append(lease, 'q', [task(2, 'b'), task(1, 'c')]), 'conflict');
  assert.deepEqual(await taskIds(store, 'q'), [1]);
});

everyStore('removing tasks is idempotent and touches no other queue', async ({ store }) => {
  const lease = await acquireSlot(store);
  await store.taskQueues.append(lease, 'q', [task(1), task(2), task(3)]);
  await store.taskQueues.append(lease, 'q2', [task(1)]);
  assert.equal(await store.taskQueues.remove(lease, 'q', [1, 3, 8]), 'committed');
  assert.equal(await store.taskQueues.remove(lease, 'q', [1, 3, 8]), 'committed');
  assert.deepEqual([await taskIds(store, 'q'), await taskIds(store, 'q2')], [[2], [1]]);
});

everyStore('a former owner of the slot can neither add nor remove', async ({ store }) => {
  const old = await acquireSlot(store);
  await store.taskQueues.append(old, 'q', [task(1)]);
  await acquireSlot(store);
  assert.equal(await store.taskQueues.append(old, 'q', [task(2)]), 'fenced');
  assert.equal(await store.taskQueues.remove(old, 'q', [1]), 'fenced');
  assert.deepEqual(await taskIds(store, 'q'), [1]);
});

everyStore('a backlog knows its length and since when its oldest task waits', async ({ store, clock }) => {
  const lease = await acquireSlot(store);
  assert.deepEqual(await store.taskQueues.count('q'), { count: 0, oldestMs: undefined });
  const first = clock.now();
  await store.taskQueues.append(lease, 'q', [task(7)]);
  await clock.advance(5000);
  await store.taskQueues.append(lease, 'q', [task(5)]);
  assert.deepEqual(await store.taskQueues.count('q'), { count: 2, oldestMs: first });
  await store.taskQueues.remove(lease, 'q', [7]);
  assert.deepEqual(await store.taskQueues.count('q'), { count: 1, oldestMs: first + 5000 });
});
