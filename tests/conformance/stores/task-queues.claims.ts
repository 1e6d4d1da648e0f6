import assert from 'node:assert/strict';
import type { BacklogPosition, BacklogTask, Lease, Store } from '@duramesh/persistence';
import { everyStore } from './drivers.ts';
import { bytes, plain } from './rows.ts';

const DEFAULT_LEVEL = 3;
const START: BacklogPosition = { pass: -1, taskId: 0 };

/** Passes rise with the ids, unless told. */
const task = (taskId: number, dedupeKey = `key-${taskId}`, fields: Partial<BacklogTask> = {}): BacklogTask => ({
  taskId,
  dedupeKey,
  level: DEFAULT_LEVEL,
  pass: taskId,
  fairnessKey: '',
  data: bytes(taskId),
  expiresMs: 0,
  ...fields,
});

async function acquireSlot(store: Store): Promise<Lease> {
  const [lease] = await store.leases.acquire('matching', [3], 'm');
  assert.ok(lease);
  return lease;
}

interface Reading {
  readonly level?: number;
  readonly after?: BacklogPosition;
  readonly limit?: number;
}

async function taskIds(store: Store, queue: string, reading: Reading = {}): Promise<number[]> {
  const { level = DEFAULT_LEVEL, after = START, limit = 100 } = reading;
  return (await store.taskQueues.read(queue, level, { after, limit })).map(({ taskId }) => taskId);
}

everyStore('a level of a backlog reads by pass, then by task id, after the position given', async ({ store }) => {
  const lease = await acquireSlot(store);
  const late = task(4, 'late', { pass: 200 });
  const tasks = [late, task(30, 'a', { pass: 7 }), task(20, 'b', { pass: 7 }), task(100, 'k', { expiresMs: 77 })];
  assert.equal(await store.taskQueues.append(lease, 'q', tasks), 'committed');
  assert.equal(await store.taskQueues.append(lease, 'q2', [task(5)]), 'committed');
  assert.deepEqual(await taskIds(store, 'q'), [20, 30, 100, 4]);
  assert.deepEqual(await taskIds(store, 'q', { after: { pass: 7, taskId: 20 } }), [30, 100, 4]);
  assert.deepEqual(await taskIds(store, 'q', { after: { pass: 7, taskId: 30 }, limit: 1 }), [100]);
  assert.deepEqual(await taskIds(store, 'nowhere'), []);
  const [last] = await store.taskQueues.read('q', DEFAULT_LEVEL, { after: { pass: 99, taskId: 0 }, limit: 1 });
  assert.deepEqual({ ...last, data: plain(last?.data) }, { ...tasks[3], data: [100] });
});

everyStore('each level of a backlog is read and counted for itself', async ({ store }) => {
  const lease = await acquireSlot(store);
  const urgent = task(9, 'urgent', { level: 1 });
  await store.taskQueues.append(lease, 'q', [task(1), task(2), urgent]);
  assert.deepEqual(await taskIds(store, 'q', { level: 1 }), [9]);
  assert.deepEqual(await taskIds(store, 'q', { level: 2 }), []);
  const counts = async (): Promise<readonly [number, number][]> =>
    [...(await store.taskQueues.countByLevel('q'))].sort(([a], [b]) => a - b);
  assert.deepEqual(await counts(), [
    [1, 1],
    [3, 2],
  ]);
  await store.taskQueues.remove(lease, 'q', [9, 1]);
  assert.deepEqual(await counts(), [[3, 1]]);
  assert.deepEqual([...(await store.taskQueues.countByLevel('nowhere'))], []);
});

everyStore('the last pass of a fairness key is that of its own waiting tasks in that level', async ({ store }) => {
  const lease = await acquireSlot(store);
  const of = (taskId: number, fairnessKey: string, level = DEFAULT_LEVEL): BacklogTask =>
    task(taskId, `key-${taskId}`, { fairnessKey, level });
  await store.taskQueues.append(lease, 'q', [of(5, 'a'), of(8, 'a'), of(7, 'b'), of(99, 'a', 1), of(3, '')]);
  const last = (fairnessKey: string, level = DEFAULT_LEVEL): Promise<number | undefined> =>
    store.taskQueues.lastPass('q', level, fairnessKey);
  assert.deepEqual(await Promise.all([last('a'), last('b'), last(''), last('c')]), [8, 7, 3, undefined]);
  assert.equal(await last('a', 1), 99);
  await store.taskQueues.remove(lease, 'q', [8]);
  assert.equal(await last('a'), 5);
});

everyStore('the configuration of a queue is what was written last, by the owner of its slot', async ({ store }) => {
  const lease = await acquireSlot(store);
  assert.equal(await store.taskQueues.readConfig('q'), undefined);
  assert.equal(await store.taskQueues.writeConfig(lease, 'q', bytes(1)), 'committed');
  assert.equal(await store.taskQueues.writeConfig(lease, 'q', bytes(2)), 'committed');
  await acquireSlot(store);
  assert.equal(await store.taskQueues.writeConfig(lease, 'q', bytes(3)), 'fenced');
  assert.deepEqual(plain(await store.taskQueues.readConfig('q')), [2]);
  assert.equal(await store.taskQueues.readConfig('q2'), undefined);
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
