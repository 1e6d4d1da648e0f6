import assert from 'node:assert/strict';
import test from 'node:test';
import { OfferOutcome } from '@duramesh/proto';
import { MatchingWorld, normalQueue, startedWorld as world, workflowOf } from './testing/matching-world.ts';

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

test('a queue that nobody uses leaves memory, and an idle process only its heartbeat', async () => {
  const w = await world();
  await w.clock.runUntil(w.add({ workflowId: 'w' }));
  await w.clock.advance(400_000);
  assert.equal(w.clock.pendingTimers, 1);
  assert.deepEqual(await w.drain(), ['w']);
});
