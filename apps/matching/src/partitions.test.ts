import assert from 'node:assert/strict';
import test from 'node:test';
import { isStickyWorkerUnavailable, type PartitionsOf } from '@duramesh/contracts';
import { QueryTaskReply, type TaskQueuePartition } from '@duramesh/proto';
import type { MatchingLimits } from './limits.ts';
import type { Matching } from './start-matching.ts';
import { MatchingWorld, normalQueue, partition, stickyQueue, workflowOf } from './testing/matching-world.ts';

const four: PartitionsOf = () => ({ write: 4, read: 4 });
const children = [1, 2, 3];
const everyPartition = [0, ...children];

/** Two processes that share the slots, so that partitions talk across a network. */
async function fourPartitions(
  limits: Partial<MatchingLimits> = {},
): Promise<{ w: MatchingWorld; first: Matching & { crash(): void } }> {
  const w = new MatchingWorld(limits, four);
  const first = await w.start('a');
  await w.start('b');
  await w.clock.advance(6_000);
  return { w, first };
}

const offeredBy = (reply: { readonly partition: number }): TaskQueuePartition => partition(reply.partition);

for (const at of everyPartition) {
  test(`a single poll in partition ${at} gets a task of any partition within a moment, one after the other`, async () => {
    const { w } = await fourPartitions();
    for (const from of everyPartition) {
      const poll = w.poll({}, partition(at));
      await w.clock.advance(100);
      const startedMs = w.clock.now();
      const added = w.add({ workflowId: `from ${from}` }, partition(from));
      const reply = await w.clock.runUntil(poll);
      assert.equal(workflowOf(reply), `from ${from}`);
      assert.ok(w.clock.now() - startedMs < 100, `it took ${w.clock.now() - startedMs} ms`);
      await w.started(reply, offeredBy(reply));
      assert.equal(await w.clock.runUntil(added), false, 'it was not stored');
    }
    assert.equal(w.storedTasks, 0);
  });
}

test('what waits in the stores of all partitions comes to a poll of one, each task once', async () => {
  const { w } = await fourPartitions();
  for (const at of everyPartition) {
    const tasks = Array.from({ length: 30 }, (_, i) => ({ workflowId: `${at}/${i}` }));
    await w.addAll(tasks, partition(at));
  }
  assert.equal(w.storedTasks, 120);
  const seen: string[] = [];
  for (;;) {
    const reply = await w.clock.runUntil(w.poll({ waitMs: 2_000 }, partition(2)));
    if (reply.task === undefined) break;
    seen.push(workflowOf(reply) ?? '');
    await w.started(reply, offeredBy(reply));
  }
  assert.equal(seen.length, 120);
  assert.equal(new Set(seen).size, 120);
  await w.clock.advance(5_000);
  assert.equal(w.storedTasks, 0);
});

test('a backlog of a child that is larger than memory comes to the polls of the root, whole and in order', async () => {
  const { w } = await fourPartitions({ loadedTasks: 10, outstandingAppends: 5_000 });
  const names = Array.from({ length: 1_300 }, (_, i) => `${i}`);
  await w.addAll(
    names.map((workflowId) => ({ workflowId })),
    partition(3),
  );
  const seen: string[] = [];
  while (seen.length < names.length) {
    const reply = await w.clock.runUntil(w.poll({ waitMs: 5_000 }));
    assert.ok(reply.task, `only ${seen.length} came`);
    seen.push(workflowOf(reply) ?? '');
    await w.started(reply, offeredBy(reply));
  }
  // Those that look for a poll at once may pass each other.
  for (const [at, name] of seen.entries()) assert.ok(Math.abs(Number(name) - at) < 8, `${name} at ${at}`);
});

test('a child that is in no memory is found when a worker polls the root', async () => {
  const { w } = await fourPartitions();
  await w.addAll([{ workflowId: 'w' }], partition(3));
  await w.clock.advance(700_000);
  const reply = await w.clock.runUntil(w.poll());
  assert.equal(workflowOf(reply), 'w');
  await w.started(reply, offeredBy(reply));
});

test('a child whose process died comes back while polls wait at the root', async () => {
  const { w, first } = await fourPartitions();
  for (const at of everyPartition) await w.addAll([{ workflowId: `${at}` }], partition(at));
  first.crash();
  const seen: string[] = [];
  while (seen.length < 4) {
    const reply = await w.clock.runUntil(w.poll({ waitMs: 60_000 }));
    assert.ok(reply.task, `only ${seen.join()} came`);
    seen.push(workflowOf(reply) ?? '');
    await w.started(reply, offeredBy(reply));
  }
  assert.deepEqual(seen.toSorted(), ['0', '1', '2', '3']);
});

test('partitions without a worker do not look for one again and again, and leave memory', async () => {
  const { w } = await fourPartitions();
  for (const at of children) await w.addAll([{ workflowId: `${at}` }], partition(at));
  await w.clock.advance(1_000_000);
  const before = w.clock.pendingTimers;
  assert.equal(before, 2, 'only the heartbeats of two processes are left');
});

test('a query reaches a worker that polls another partition, and so does its answer', async () => {
  const { w } = await fourPartitions();
  const poll = w.poll({}, partition(3));
  await w.clock.advance(100);
  const asked = w.client.queryTask({ queue: normalQueue, workflowId: 'w', runId: 'r', query: { queryType: 'state' } });
  const reply = await w.clock.runUntil(poll);
  assert.equal(reply.query?.query?.queryType, 'state');
  const queryId = reply.query?.queryId ?? '';
  const result = QueryTaskReply.create({ resultType: 1 });
  await w.clock.runUntil(w.client.respondQueryTask({ queue: offeredBy(reply), queryId, result }));
  assert.equal((await w.clock.runUntil(asked)).resultType, 1);
});

test('a poll that is cancelled where it was made is cancelled at the root', async () => {
  const { w } = await fourPartitions();
  const poll = w.poll({ pollerId: 'p' }, partition(1));
  await w.clock.advance(100);
  await w.clock.runUntil(w.client.cancelPoll({ queue: partition(1), pollerId: 'p' }));
  assert.equal((await w.clock.runUntil(poll)).task, undefined);
  assert.equal(await w.clock.runUntil(w.add()), true, 'nobody is left to take it');
});

test('a task that its worker gives back goes to another, whichever partition it is from', async () => {
  const { w } = await fourPartitions();
  const polls = [w.poll({}, partition(1)), w.poll({}, partition(2))];
  await w.clock.advance(100);
  void w.add({ workflowId: 'w' }, partition(3));
  const first = await w.clock.runUntil(Promise.race(polls));
  await w.returned(first, offeredBy(first));
  const replies = await w.clock.runUntil(Promise.all(polls));
  assert.deepEqual(replies.map(workflowOf), ['w', 'w']);
});

test('polls beyond those that wait at the root follow as the root answers, and all tasks find one', async () => {
  const { w } = await fourPartitions();
  const polls = Array.from({ length: 20 }, async () => {
    const reply = await w.poll({}, partition(1));
    await w.started(reply, offeredBy(reply));
    return workflowOf(reply);
  });
  await w.clock.advance(200);
  const names = Array.from({ length: 20 }, (_, i) => `${i}`);
  const adds = names.map((workflowId, i) => w.add({ workflowId }, partition(i % 4)));
  const taken = await w.clock.runUntil(Promise.all(polls));
  await w.clock.runUntil(Promise.all(adds));
  assert.deepEqual(new Set(taken), new Set(names));
});

test('a more urgent task of one partition goes before a backlog in others', async () => {
  const { w } = await fourPartitions();
  const later = Array.from({ length: 20 }, (_, i) => ({ workflowId: `later ${i}` }));
  await w.addAll(later, partition(0));
  await w.addAll([{ workflowId: 'urgent', priority: { priorityKey: 1 } }], partition(2));
  assert.deepEqual(await w.take(1), ['later 0'], 'with this poll the other partitions hear of a worker');
  await w.clock.advance(100);
  assert.deepEqual(await w.take(2), ['urgent', 'later 1']);
});

test('each partition keeps to its share of a limit, and hears of a change at once', async () => {
  const { w } = await fourPartitions();
  const activities = everyPartition.map((at) => ({ ...partition(at), type: 2 }));
  const [root] = activities;
  await Promise.all(activities.map((queue) => w.clock.runUntil(w.client.describePartition({ queue }))));
  const request = { updateQueueRateLimit: { rateLimit: { requestsPerSecond: 8 } } };
  await w.clock.runUntil(w.client.updateQueueConfig({ queue: root, request }));
  for (const queue of activities) {
    const { requestsPerSecond, config } = await w.clock.runUntil(w.client.describePartition({ queue }));
    assert.deepEqual([requestsPerSecond, config?.queueRateLimit?.rateLimit?.requestsPerSecond], [2, 8]);
  }
});

test('the root knows the workers of all partitions', async () => {
  const { w } = await fourPartitions();
  const polls = everyPartition.map((at) => w.poll({ identity: `worker ${at}`, waitMs: 1_000 }, partition(at)));
  await w.clock.advance(200);
  const { pollers } = await w.client.describePartition({ queue: normalQueue });
  assert.deepEqual(
    new Set(pollers.map(({ identity }) => identity)),
    new Set(everyPartition.map((at) => `worker ${at}`)),
  );
  await w.clock.runUntil(Promise.all(polls));
});

test('a sticky queue has one partition and forwards nothing', async () => {
  const { w } = await fourPartitions();
  const poll = w.poll({}, stickyQueue);
  await w.clock.advance(100);
  const added = w.add({ workflowId: 'w' }, stickyQueue);
  const reply = await w.clock.runUntil(poll);
  assert.equal(workflowOf(reply), 'w');
  await w.started(reply, stickyQueue);
  await w.clock.runUntil(added);
  await w.client.unloadStickyQueue({ queue: stickyQueue });
  await assert.rejects(w.clock.runUntil(w.add({}, stickyQueue)), isStickyWorkerUnavailable);
});
