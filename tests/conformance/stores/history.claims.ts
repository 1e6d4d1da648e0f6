import assert from 'node:assert/strict';
import type { HistoryRange, Store } from '@duramesh/persistence';
import { everyStore } from './drivers.ts';
import { acquireShard, bytes, commit, keyOf, plain, runWrite } from './rows.ts';

const key = keyOf('w', 'run-2');

/** Batches 1-2, 3-3, 4-8 and 9-10, with histories of neighbours around them. */
async function fill(store: Store): Promise<void> {
  const lease = await acquireShard(store);
  const batch = (firstEventId: number, lastEventId: number) => ({
    firstEventId,
    lastEventId,
    data: bytes(firstEventId),
  });
  await commit(store, lease, runWrite(keyOf('w', 'run-1'), { history: [batch(1, 1), batch(2, 70)] }));
  await commit(store, lease, runWrite(key, { history: [batch(1, 2), batch(3, 3)] }));
  await commit(store, lease, runWrite(keyOf('w', 'run-3'), { history: [batch(1, 5)] }));
  await commit(store, lease, runWrite(key, { expectedVersion: 1, history: [batch(4, 8)] }));
  await commit(store, lease, runWrite(key, { expectedVersion: 2, history: [batch(9, 10)] }));
}

async function firsts(store: Store, range: Partial<HistoryRange>): Promise<number[]> {
  const whole = { fromEventId: 1, untilEventId: Number.MAX_SAFE_INTEGER, maxBatches: 100 };
  const batches = await store.executions.readHistory(key, { ...whole, ...range });
  for (const batch of batches) assert.deepEqual(plain(batch.data), [batch.firstEventId]);
  return batches.map((batch) => batch.firstEventId);
}

everyStore('a history reads in batches, in event order, without those of its neighbours', async ({ store }) => {
  await fill(store);
  const all = { fromEventId: 1, untilEventId: Infinity, maxBatches: 100 };
  const batches = await store.executions.readHistory(key, all);
  assert.deepEqual(
    batches.map(({ firstEventId, lastEventId }) => [firstEventId, lastEventId]),
    [
      [1, 2],
      [3, 3],
      [4, 8],
      [9, 10],
    ],
  );
});

everyStore('a history read starts with the batch that holds the first event wanted', async ({ store }) => {
  await fill(store);
  assert.deepEqual(await firsts(store, { fromEventId: 2 }), [1, 3, 4, 9]);
  assert.deepEqual(await firsts(store, { fromEventId: 3 }), [3, 4, 9]);
  assert.deepEqual(await firsts(store, { fromEventId: 6 }), [4, 9]);
  assert.deepEqual(await firsts(store, { fromEventId: 10 }), [9]);
  assert.deepEqual(await firsts(store, { fromEventId: 11 }), []);
});

everyStore('a history read ends before the batch that starts at the end wanted', async ({ store }) => {
  await fill(store);
  assert.deepEqual(await firsts(store, { untilEventId: 1 }), []);
  assert.deepEqual(await firsts(store, { untilEventId: 4 }), [1, 3]);
  assert.deepEqual(await firsts(store, { untilEventId: 5 }), [1, 3, 4]);
  assert.deepEqual(await firsts(store, { fromEventId: 5, untilEventId: 9 }), [4]);
});

everyStore('a history read gives no more batches than asked for, from either end', async ({ store }) => {
  await fill(store);
  assert.deepEqual(await firsts(store, { maxBatches: 2 }), [1, 3]);
  assert.deepEqual(await firsts(store, { fromEventId: 3, maxBatches: 1 }), [3]);
  assert.deepEqual(await firsts(store, { maxBatches: 3, reverse: true }), [9, 4, 3]);
});

everyStore('a history reads backwards, newest batch first', async ({ store }) => {
  await fill(store);
  assert.deepEqual(await firsts(store, { reverse: true }), [9, 4, 3, 1]);
  assert.deepEqual(await firsts(store, { reverse: true, untilEventId: 9 }), [4, 3, 1]);
  assert.deepEqual(await firsts(store, { reverse: true, fromEventId: 6 }), [9, 4]);
});
