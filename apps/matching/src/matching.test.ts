import assert from 'node:assert/strict';
import test from 'node:test';
import { GrpcCode, isStickyWorkerUnavailable } from '@duramesh/contracts';
import { OfferOutcome, QueryTaskReply } from '@duramesh/proto';
import { MatchingWorld, normalQueue, stickyQueue } from './testing/matching-world.ts';

const workflowOf = (reply: {
  readonly task?: { readonly task?: { readonly workflowId: string } | undefined } | undefined;
}) => reply.task?.task?.workflowId;

async function world(...[limits]: ConstructorParameters<typeof MatchingWorld>): Promise<MatchingWorld> {
  const made = new MatchingWorld(limits);
  await made.start();
  return made;
}

test('a task goes straight to a waiting poller and touches no store', async () => {
  const w = await world();
  const poll = w.poll();
  await w.clock.settle();
  const before = w.store.stats.statements;
  const added = w.add({ workflowId: 'w' });
  const reply = await poll;
  assert.equal(workflowOf(reply), 'w');
  assert.equal(reply.task?.syncMatch, true);
  await w.started(reply);
  assert.equal(await added, false);
  assert.equal(w.storedTasks, 0);
  assert.equal(w.store.stats.statements, before);
});

test('a task is acknowledged only once it is stored or started', async () => {
  const w = await world();
  const poll = w.poll();
  await w.clock.settle();
  let acknowledged = false;
  const added = w.add().finally(() => (acknowledged = true));
  const reply = await poll;
  await w.clock.advance(1_000);
  assert.equal(acknowledged, false, 'offered is not started');
  await w.started(reply);
  await added;

  assert.equal(await w.clock.runUntil(w.add()), true);
  assert.equal(w.storedTasks, 1);
});

test('a task that history calls obsolete is forgotten', async () => {
  const w = await world();
  await w.clock.runUntil(w.add());
  const reply = await w.poll();
  await w.resolve(reply, OfferOutcome.OFFER_OUTCOME_DROPPED);
  await w.clock.advance(2_000);
  assert.deepEqual(await w.drain(), []);
  assert.equal(w.storedTasks, 0);
});

test('pollers are served in the order they came', async () => {
  const w = await world();
  const [one, two] = [w.poll(), w.poll(), w.poll()];
  await w.clock.settle();
  void w.add({ workflowId: 'first' });
  void w.add({ workflowId: 'second' });
  assert.equal(workflowOf(await one), 'first');
  assert.equal(workflowOf(await two), 'second');
});

test('a task is offered to the next poller when the first frontend dies between match and accept', async () => {
  const w = await world();
  const [first, second] = [w.poll(), w.poll()];
  await w.clock.settle();
  const added = w.add({ workflowId: 'w' });
  assert.equal(workflowOf(await first), 'w');
  const reply = await w.clock.runUntil(second);
  assert.equal(workflowOf(reply), 'w');
  await w.started(reply);
  await w.clock.runUntil(added);
  await w.clock.advance(2_000);
  assert.equal(w.storedTasks, 0);
});

test('a task whose only frontend died is stored and waits', async () => {
  const w = await world();
  const poll = w.poll();
  await w.clock.settle();
  const added = w.add({ workflowId: 'w' });
  await poll;
  assert.equal(await w.clock.runUntil(added), true);
  assert.deepEqual(await w.drain(), ['w']);
});

test('a returned task is offered to somebody else at once', async () => {
  const w = await world();
  const [first, second] = [w.poll(), w.poll()];
  await w.clock.settle();
  const added = w.add({ workflowId: 'w' });
  await w.returned(await first);
  const reply = await second;
  assert.equal(workflowOf(reply), 'w');
  await w.started(reply);
  assert.equal(await added, false);
});

test('a late answer to an offer that timed out changes nothing', async () => {
  const w = await world();
  await w.clock.runUntil(w.add({ workflowId: 'w' }));
  const late = await w.poll();
  await w.clock.advance(2_000);
  const again = await w.poll();
  assert.equal(workflowOf(again), 'w');
  await w.started(late);
  await w.resolve(again, OfferOutcome.OFFER_OUTCOME_DROPPED);
  assert.deepEqual(await w.drain(), []);
});

test('a task that finds pollers merely busy reaches the next poll without being stored', async () => {
  const w = await world();
  const busy = w.poll();
  await w.clock.settle();
  const first = w.add();
  const reply = await busy;
  const held = w.add({ workflowId: 'held' });
  await w.started(reply);
  await first;
  await w.clock.advance(50);
  const next = await w.poll();
  assert.equal(workflowOf(next), 'held');
  await w.started(next);
  assert.equal(await held, false);
  assert.equal(w.storedTasks, 0);
});

test('a held task is stored when no poller comes back in time', async () => {
  const w = await world();
  const busy = w.poll();
  await w.clock.settle();
  void w.add();
  await w.started(await busy);
  const held = w.add();
  await w.clock.advance(100);
  assert.equal(w.storedTasks, 0);
  await w.clock.advance(150);
  assert.equal(await held, true);
  assert.equal(w.storedTasks, 1);
});

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

test('a fenced owner acknowledges nothing, and the caller finds the new owner', async () => {
  const w = new MatchingWorld();
  await w.start('a');
  await w.clock.runUntil(w.add({ workflowId: 'a' }));
  await w.store.leases.acquire('matching', [0, 1, 2, 3], 'ghost');
  assert.equal(await w.clock.runUntil(w.add({ workflowId: 'b' })), true);
  assert.deepEqual(await w.drain(), ['a', 'b']);
});

test('stopping hands over: who waits is served by the next owner, what is stored stays', async () => {
  const w = new MatchingWorld();
  const first = await w.start('a');
  const second = await w.start('b');
  await w.clock.advance(6_000);
  await w.clock.runUntil(w.add({ workflowId: 'stored' }));
  await Promise.all([first.stop(), w.clock.advance(100)]);
  await w.clock.advance(6_000);
  assert.deepEqual(await w.drain(), ['stored']);
  assert.equal(second.ownedSlots > 0, true);
});

test('a poll ends empty when its wait is over', async () => {
  const w = await world();
  const startedMs = w.clock.now();
  const reply = await w.clock.runUntil(w.poll({ waitMs: 20_000 }));
  assert.deepEqual([reply.task, reply.query, reply.backlogCountHint], [undefined, undefined, 0]);
  assert.equal(w.clock.now() - startedMs, 20_000);
});

test('a cancelled poll ends empty at once and gets no task', async () => {
  const w = await world();
  const poll = w.poll({ pollerId: 'p' });
  await w.clock.settle();
  await w.client.cancelPoll({ queue: normalQueue, pollerId: 'p' });
  assert.equal((await poll).task, undefined);
  assert.equal(await w.clock.runUntil(w.add()), true);
});

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
  assert.equal(late.task, undefined);
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
  await w.clock.runUntil(w.poll({ waitMs: 10, identity: 'me', maxTasksPerSecond: 5 }));
  await w.clock.advance(2_000);
  await w.clock.runUntil(Promise.all([w.add(), w.add()]));
  await w.clock.advance(3_000);
  const { pollers, backlogCount, backlogAgeMs, tasksAddRate } = await w.client.describePartition({
    queue: normalQueue,
  });
  assert.deepEqual(
    pollers.map(({ identity, ratePerSecond }) => ({ identity, ratePerSecond })),
    [{ identity: 'me', ratePerSecond: 5 }],
  );
  assert.equal(backlogCount, 2);
  assert.ok(backlogAgeMs >= 3_000 && tasksAddRate > 0);
  await w.drain();
  const drained = await w.client.describePartition({ queue: normalQueue });
  assert.deepEqual([drained.backlogCount, drained.backlogAgeMs], [0, 0]);
  assert.ok(drained.tasksDispatchRate > 0);
});

test('a queue that nobody uses leaves memory, and an idle process only its heartbeat', async () => {
  const w = await world();
  await w.clock.runUntil(w.add({ workflowId: 'w' }));
  await w.clock.advance(400_000);
  assert.equal(w.clock.pendingTimers, 1);
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

test('a sticky queue that is dropped when idle leaves no expired rows behind', async () => {
  const w = await world();
  await w.clock.runUntil(w.poll({ waitMs: 10 }, stickyQueue));
  await w.clock.runUntil(w.add({ expiresMs: w.clock.now() + 10_000 }, stickyQueue));
  assert.equal(w.storedTasks, 1);
  await w.clock.advance(400_000);
  assert.equal(w.storedTasks, 0);
});
