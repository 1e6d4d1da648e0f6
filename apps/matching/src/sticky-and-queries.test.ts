import assert from 'node:assert/strict';
import test from 'node:test';
import { GrpcCode, isStickyWorkerUnavailable } from '@duramesh/contracts';
import { QueryTaskReply } from '@duramesh/proto';
import { normalQueue, stickyQueue, startedWorld as world } from './testing/matching-world.ts';

test('a sticky queue without pollers is refused at once', async () => {
  const w = await world();
  await assert.rejects(w.add({}, stickyQueue), isStickyWorkerUnavailable);
  await w.clock.runUntil(w.poll({ waitMs: 100 }, stickyQueue));
  assert.equal(await w.clock.runUntil(w.add({}, stickyQueue)), true);
  await w.clock.advance(11_000);
  await assert.rejects(w.add({}, stickyQueue), isStickyWorkerUnavailable);
  await assert.rejects(
    w.client.queryTask({ queue: stickyQueue, workflowId: 'w', runId: 'r' }),
    isStickyWorkerUnavailable,
  );
});

test('a sticky queue is another one than a normal queue of the same name', async () => {
  const w = await world();
  const namesake = { ...normalQueue, name: stickyQueue.name };
  await w.clock.runUntil(w.poll({ waitMs: 100 }, stickyQueue));
  assert.equal(await w.clock.runUntil(w.add({}, stickyQueue)), true);
  const polled = await w.clock.runUntil(w.poll({ waitMs: 100 }, namesake));
  assert.equal(polled.task, undefined);
  await w.clock.advance(11_000);
  // Nobody is away from a normal queue: what comes waits.
  assert.equal(await w.clock.runUntil(w.add({}, namesake)), true);
});

test('unloading a sticky queue ends its polls, empties its backlog and refuses late polls of that worker', async () => {
  const w = await world();
  await w.clock.runUntil(w.poll({ waitMs: 100, workerInstanceKey: 'k' }, stickyQueue));
  await w.clock.runUntil(w.add({}, stickyQueue));
  const stored = await w.poll({ workerInstanceKey: 'k' }, stickyQueue);
  await w.returned(stored, stickyQueue);
  await w.client.unloadStickyQueue({ queue: stickyQueue });
  await w.clock.settle();
  assert.equal(w.storedTasks, 0);
  await assert.rejects(w.add({}, stickyQueue), isStickyWorkerUnavailable);
  const late = await w.poll({ workerInstanceKey: 'k' });
  assert.equal(late.ended, true);
  await w.client.unloadStickyQueue({ queue: stickyQueue });
});

test('a query goes to a waiting poller and its answer to the caller', async () => {
  const w = await world();
  const poll = w.poll();
  await w.clock.settle();
  const asked = w.client.queryTask({ queue: normalQueue, workflowId: 'w', runId: 'r', query: { queryType: 'state' } });
  const { query } = await poll;
  assert.equal(query?.workflowId, 'w');
  assert.equal(query?.query?.queryType, 'state');
  const result = QueryTaskReply.create({ resultType: 2, errorMessage: 'no such query' });
  const queryId = query?.queryId ?? '';
  await w.client.respondQueryTask({ queue: normalQueue, queryId, result });
  assert.equal((await asked).errorMessage, 'no such query');
  const again = w.client.respondQueryTask({ queue: normalQueue, queryId, result });
  await assert.rejects(again, { code: GrpcCode.NOT_FOUND, message: 'query task not found, or already expired' });
});

test('a query waits for a poller and goes before the backlog', async () => {
  const w = await world();
  await w.clock.runUntil(w.add());
  const asked = w.client.queryTask({ queue: normalQueue, workflowId: 'w', runId: 'r' });
  await w.clock.advance(1_000);
  const { query } = await w.poll();
  await w.client.respondQueryTask({
    queue: normalQueue,
    queryId: query?.queryId ?? '',
    result: QueryTaskReply.create(),
  });
  await asked;
});

test('a query that no worker takes fails a second before the deadline and says why', async () => {
  const w = await world();
  const query = { queue: normalQueue, workflowId: 'w', runId: 'r' };
  const startedMs = w.clock.now();
  const never = w.client.queryTask(query, { timeoutMs: 10_000 });
  await assert.rejects(w.clock.runUntil(never), {
    code: GrpcCode.FAILED_PRECONDITION,
    message: 'no poller seen for task queue recently, worker may be down',
  });
  assert.equal(w.clock.now() - startedMs, 9_000);
  await w.clock.runUntil(w.poll({ waitMs: 10 }));
  const unanswered = w.client.queryTask(query, { timeoutMs: 10_000 });
  await assert.rejects(w.clock.runUntil(unanswered), { code: GrpcCode.DEADLINE_EXCEEDED });
});

test('a description tells pollers, backlog and rates', async () => {
  const w = await world();
  const taskQueueMetadata = { maxTasksPerSecond: { value: 5 } };
  await w.clock.runUntil(w.poll({ waitMs: 10, identity: 'me', taskQueueMetadata }));
  await w.clock.advance(2_000);
  await w.clock.runUntil(Promise.all([w.add(), w.add({ priority: { priorityKey: 1 } })]));
  await w.clock.advance(3_000);
  const { pollers, levels } = await w.client.describePartition({ queue: normalQueue });
  assert.deepEqual(
    pollers.map(({ identity, ratePerSecond }) => ({ identity, ratePerSecond })),
    [{ identity: 'me', ratePerSecond: 5 }],
  );
  assert.deepEqual(
    levels.map(({ priorityKey, backlogCount }) => [priorityKey, backlogCount]),
    [
      [1, 1],
      [3, 1],
    ],
  );
  for (const { backlogAgeMs, tasksAddRate } of levels) assert.ok(backlogAgeMs >= 3_000 && tasksAddRate > 0);
  await w.drain();
  const drained = await w.client.describePartition({ queue: normalQueue });
  for (const { backlogCount, backlogAgeMs, tasksDispatchRate } of drained.levels) {
    assert.deepEqual([backlogCount, backlogAgeMs], [0, 0]);
    assert.ok(tasksDispatchRate > 0);
  }
});

test('a sticky queue that is dropped when idle leaves no expired rows behind', async () => {
  const w = await world();
  await w.clock.runUntil(w.poll({ waitMs: 10 }, stickyQueue));
  await w.clock.runUntil(w.add({ expiresMs: w.clock.now() + 10_000 }, stickyQueue));
  assert.equal(w.storedTasks, 1);
  await w.clock.advance(400_000);
  assert.equal(w.storedTasks, 0);
});

test('a query that its worker could not take goes to another one, before those that came later', async () => {
  const w = await world();
  const poll = w.poll();
  await w.clock.settle();
  const ask = (workflowId: string) => w.client.queryTask({ queue: normalQueue, workflowId, runId: 'r' });
  const first = ask('first');
  const { query } = await poll;
  const second = ask('second');
  await w.clock.settle();
  const returned = { offerId: query?.queryId ?? '', outcome: 3 };
  await w.client.resolveOffers({ queue: normalQueue, answers: [returned] });
  const again = [(await w.poll()).query, (await w.poll()).query];
  assert.deepEqual(
    again.map((it) => it?.workflowId),
    ['first', 'second'],
  );
  for (const it of again) {
    await w.client.respondQueryTask({
      queue: normalQueue,
      queryId: it?.queryId ?? '',
      result: QueryTaskReply.create(),
    });
  }
  await Promise.all([first, second]);
});

test('the polls of a worker that shuts down end at once, late ones get nothing, and it is a poller no more', async () => {
  const w = await world();
  const ours = { workerInstanceKey: 'key', identity: 'ours' };
  const [leaving, staying] = [w.poll(ours), w.poll({ workerInstanceKey: 'other', identity: 'other' })];
  await w.clock.settle();
  const startedMs = w.clock.now();
  await w.client.cancelWorkerPolls({ queue: normalQueue, ...ours });
  for (const reply of [await leaving, await w.poll(ours), await w.poll(ours, stickyQueue)]) {
    assert.deepEqual([reply.task, reply.ended], [undefined, true]);
  }
  assert.equal(w.clock.now(), startedMs);
  const { pollers } = await w.client.describePartition({ queue: normalQueue });
  assert.deepEqual(
    pollers.map(({ identity }) => identity),
    ['other'],
  );
  void w.add({ workflowId: 'w' });
  assert.equal((await staying).task?.task?.workflowId, 'w');
  await w.clock.advance(31_000);
  const later = w.poll({ ...ours, waitMs: 100 });
  await w.clock.advance(50);
  const described = await w.client.describePartition({ queue: normalQueue });
  assert.equal(described.pollers.length, 2, 'after half a minute the key is free again');
  await w.clock.runUntil(later);
});

test('workers hear whether more pollers would do', async () => {
  const w = await world();
  const idle = w.poll();
  await w.clock.advance(2_000);
  void w.add();
  assert.equal((await idle).pollerDelta, -1);
  await w.clock.runUntil(Promise.all([w.add(), w.add(), w.add()]));
  await w.clock.advance(1_000);
  assert.equal((await w.poll()).pollerDelta, 1);
  assert.equal((await w.clock.runUntil(w.poll({ waitMs: 10 }, stickyQueue))).pollerDelta, 0);
});

test('a queue has room for so many waiting polls and queries', async () => {
  const w = await world({ waitingPolls: 2, waitingQueries: 1 });
  const polls = [w.poll({ waitMs: 50 }), w.poll({ waitMs: 50 })];
  await w.clock.settle();
  await assert.rejects(w.poll(), { code: GrpcCode.RESOURCE_EXHAUSTED });
  await w.clock.runUntil(Promise.all(polls));
  const query = { queue: normalQueue, workflowId: 'w', runId: 'r' };
  const waiting = w.client.queryTask(query, { timeoutMs: 2_000 });
  await w.clock.settle();
  await assert.rejects(w.client.queryTask(query), { code: GrpcCode.RESOURCE_EXHAUSTED });
  await assert.rejects(w.clock.runUntil(waiting), { code: GrpcCode.DEADLINE_EXCEEDED });
});

test('a queue remembers who polled within five minutes, a thousand of them at most', async () => {
  const w = await world();
  const pollAs = (identity: string) => w.clock.runUntil(w.poll({ identity, waitMs: 0 }));
  const identities = async (): Promise<string[]> =>
    (await w.client.describePartition({ queue: normalQueue })).pollers.map(({ identity }) => identity ?? '');
  await pollAs('early');
  await w.clock.advance(200_000);
  await pollAs('late');
  await w.clock.advance(101_000);
  assert.deepEqual(await identities(), ['late']);
  for (let i = 0; i < 1_000; i++) await pollAs(`${i}`);
  const seen = await identities();
  assert.deepEqual([seen.length, seen.includes('late'), seen.includes('999')], [1_000, false, true]);
});
