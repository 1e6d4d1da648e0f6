import assert from 'node:assert/strict';
import test from 'node:test';
import { GrpcCode } from '@duramesh/contracts';
import { OfferOutcome } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import { MatchingWorld, startedWorld as world, workflowOf } from './testing/matching-world.ts';

test('the backlog comes in the order of priority, then first come first served', async () => {
  const w = await world();
  const priorities = [3, 5, 1, 0, 2, 1];
  for (const [at, priorityKey] of priorities.entries()) {
    await w.clock.runUntil(w.add({ workflowId: `${at}`, priority: { priorityKey } }));
  }
  assert.deepEqual(await w.drain(), ['2', '5', '4', '0', '3', '1']);
});

test('a returned task keeps its place in the order', async () => {
  const w = await world();
  for (const workflowId of ['a', 'b', 'c']) await w.clock.runUntil(w.add({ workflowId }));
  await w.returned(await w.poll());
  assert.deepEqual(await w.drain(), ['a', 'b', 'c']);
});

test('the backlog survives a crash in order, and only finished tasks are gone', async () => {
  const w = new MatchingWorld();
  const first = await w.start('a');
  for (const workflowId of ['a', 'b', 'c', 'd']) await w.clock.runUntil(w.add({ workflowId }));
  await w.started(await w.poll());
  await w.clock.advance(1_500);
  await w.poll();
  first.crash();
  await w.start('a');
  assert.deepEqual(await w.drain(), ['b', 'c', 'd']);
});

test('a backlog larger than memory comes out whole and in order', async () => {
  const w = await world({ loadedTasks: 50, outstandingAppends: 5_000 });
  const names = Array.from({ length: 2_500 }, (_, at) => `${at}`);
  await w.clock.runUntil(Promise.all(names.map((workflowId) => w.add({ workflowId }))));
  assert.equal(w.storedTasks, 2_500);
  assert.deepEqual(await w.drain(), names);
  await w.clock.advance(2_000);
  assert.equal(w.storedTasks, 0);
});

test('a task added while others wait in the store goes behind them', async () => {
  const w = await world({ loadedTasks: 2 });
  for (const workflowId of ['a', 'b', 'c', 'd']) await w.clock.runUntil(w.add({ workflowId }));
  await w.started(await w.poll());
  await w.clock.runUntil(w.add({ workflowId: 'e' }));
  assert.deepEqual(await w.drain(), ['b', 'c', 'd', 'e']);
});

test('adding a task again while it waits stores it once', async () => {
  const w = await world();
  const fields = { workflowId: 'w', runId: 'r', scheduledEventId: 5, attempt: 1 };
  await w.clock.runUntil(Promise.all([w.add(fields), w.add(fields)]));
  assert.equal(w.storedTasks, 1);
  await w.clock.runUntil(w.add({ ...fields, attempt: 2 }));
  assert.equal(w.storedTasks, 2);
});

test('an expired task is dropped and costs no poll', async () => {
  const w = await world();
  await w.clock.runUntil(w.add({ workflowId: 'old', expiresMs: w.clock.now() + 5_000 }));
  await w.clock.runUntil(w.add({ workflowId: 'new' }));
  await w.clock.advance(6_000);
  assert.deepEqual(await w.drain(), ['new']);
  await w.clock.advance(2_000);
  assert.equal(w.storedTasks, 0);
});

test('appends beyond the bound are refused as overload', async () => {
  const w = new MatchingWorld({ outstandingAppends: 3 });
  await w.start('a', { latencyMs: (operation) => (operation === 'append' ? 500 : 0) });
  const adds = Array.from({ length: 5 }, () => w.add());
  const results = await w.clock.runUntil(Promise.allSettled(adds));
  const refused = results.filter((result) => result.status === 'rejected');
  assert.equal(refused.length, 2);
  for (const { reason } of refused) {
    assert.equal(reason.code, GrpcCode.RESOURCE_EXHAUSTED);
    assert.equal(reason.message, 'Too many outstanding appends to the task queue');
  }
});

test('an append whose reply was lost is stored once and acknowledged', async () => {
  const w = new MatchingWorld();
  let lost = 0;
  await w.start('a', {
    fate: (operation) =>
      operation === 'append' && lost++ < 3 ? { landsAfterMs: lost === 2 ? undefined : 0 } : 'answered',
  });
  assert.equal(await w.clock.runUntil(w.add({ workflowId: 'w' })), true);
  assert.equal(w.storedTasks, 1);
  assert.deepEqual(await w.drain(), ['w']);
});

test('a backlog that cannot be read is served when the store is back, and the poll does not fail', async () => {
  const w = new MatchingWorld({ loadedTasks: 1 });
  let isBroken = false;
  await w.start('a', { isDown: () => isBroken });
  for (let at = 0; at < 3; at++) await w.clock.runUntil(w.add({ workflowId: `${at}` }));
  await w.started(await w.poll());
  await w.started(await w.poll());
  isBroken = true;
  const poll = w.poll();
  await w.clock.advance(3_000);
  isBroken = false;
  assert.equal(workflowOf(await w.clock.runUntil(poll)), '2');
});

test('work that was dropped and comes again is not swallowed by its old row', async () => {
  const w = await world();
  const fields = { workflowId: 'w', runId: 'r', scheduledEventId: 5, attempt: 1 };
  await w.clock.runUntil(w.add(fields));
  const reply = await w.poll();
  await w.clock.advance(800);
  await w.resolve(reply, OfferOutcome.OFFER_OUTCOME_DROPPED);
  await w.clock.advance(300);
  assert.equal(await w.clock.runUntil(w.add(fields)), true);
  await w.clock.advance(2_000);
  assert.equal(w.storedTasks, 1);
});

test('tasks stored while the backlog is being read are not forgotten', async () => {
  const latencies: Record<string, number> = { readBacklog: 50, append: 20 };
  const w = new MatchingWorld({ loadedTasks: 1, outstandingAppends: 2_000 });
  await w.start('a', { latencyMs: (operation) => latencies[operation] ?? 0 });
  const names = Array.from({ length: 1_100 }, (_, at) => `${at}`);
  await w.clock.runUntil(Promise.all(names.map((workflowId) => w.add({ workflowId }))));
  const added = Array.from({ length: 20 }, async (_, at) => {
    await w.clock.sleep(at * 10);
    await w.add({ workflowId: `late ${at}` });
  });
  const [drained] = await w.clock.runUntil(Promise.all([w.drain(), ...added]));
  const all = [...drained, ...(await w.drain())];
  assert.deepEqual(all, [...names, ...Array.from({ length: 20 }, (_, at) => `late ${at}`)]);
  await w.clock.advance(5_000);
  assert.equal(w.storedTasks, 0);
});

test('a waiting poller gets a task that was left in the store because memory was full', async () => {
  const w = new MatchingWorld({ loadedTasks: 0 });
  await w.start('a', { latencyMs: (operation) => (operation === 'append' ? 100 : 0) });
  const added = w.add({ workflowId: 'w' });
  await w.clock.advance(50);
  const poll = w.poll();
  assert.equal(workflowOf(await w.clock.runUntil(poll)), 'w');
  await added;
});

test('a task that was started while it was being stored leaves no row behind', async () => {
  const w = new MatchingWorld();
  await w.start('a', { latencyMs: (operation) => (operation === 'append' ? 500 : 0) });
  const added = w.add({ workflowId: 'w' });
  await w.clock.advance(100);
  await w.started(await w.poll());
  assert.equal(await added, false);
  await w.clock.advance(3_000);
  assert.equal(w.storedTasks, 0);
});

test('a write that lands late finds a newer lease and brings nothing back', async () => {
  const w = new MatchingWorld();
  let isFirst = true;
  const late = { landsAfterMs: 5_000 };
  await w.start('a', {
    fate: (operation) => (operation === 'append' && isFirst ? ((isFirst = false), late) : 'answered'),
  });
  await w.clock.runUntil(w.add({ workflowId: 'w' }));
  await w.started(await w.poll());
  await w.clock.advance(10_000);
  assert.equal(w.storedTasks, 0);
});

test('what another owner has stored is found when the slot is taken back by the renewal of a lease', async () => {
  const w = new MatchingWorld();
  let isLost = false;
  await w.start('a', {
    fate: (operation) =>
      operation === 'append' && isLost ? ((isLost = false), { landsAfterMs: undefined }) : 'answered',
  });
  await w.clock.runUntil(w.add({ workflowId: 'of another owner' }));
  const [stored] = w.database.backlogs;
  const [queue, { byId }] = must(stored, 'the task is stored');
  const [row] = byId.values();
  assert.deepEqual(await w.drain(), ['of another owner']);
  await w.clock.advance(2_000);
  assert.equal(w.storedTasks, 0);
  const [other] = await w.store.leases.acquire('matching', [0, 1, 2, 3], 'b');
  const lease = must(other, 'a lease is always given');
  const task = must(row, 'the task was stored');
  // Ids begin with the range of the lease; the task was stored in range 1, as the first one.
  const taskId = (task.taskId - 1) * lease.rangeId + 1;
  await w.store.taskQueues.append(lease, queue, [{ ...task, taskId }]);
  isLost = true;
  await w.clock.runUntil(w.add({ workflowId: 'now' }));
  assert.deepEqual(await w.drain(), ['of another owner', 'now']);
});

test('an append fenced by the own renewal of the lease is sent again', async () => {
  const w = new MatchingWorld();
  let appends = 0;
  await w.start('a', {
    latencyMs: (operation) => (operation === 'append' && appends++ === 1 ? 100 : 0),
    fate: (operation) => (operation === 'append' && appends === 2 ? { landsAfterMs: undefined } : 'answered'),
  });
  const added = await w.clock.runUntil(Promise.all([w.add({ workflowId: 'a' }), w.add({ workflowId: 'b' })]));
  assert.deepEqual(added, [true, true]);
  assert.equal(appends, 4);
  assert.deepEqual(await w.drain(), ['a', 'b']);
});

test('a stored task that cannot be read does not keep the others', async () => {
  const w = new MatchingWorld();
  const first = await w.start('a');
  for (const workflowId of ['a', 'b', 'c']) await w.clock.runUntil(w.add({ workflowId }));
  first.crash();
  for (const { byId } of w.database.backlogs.values()) {
    const row = [...byId.values()][1];
    if (row) byId.set(row.taskId, { ...row, data: Uint8Array.of(0xff, 0xff) });
  }
  await w.start('a');
  assert.deepEqual(await w.drain(), ['a', 'c']);
  await w.clock.advance(2_000);
  assert.equal(w.storedTasks, 1);
});
