import assert from 'node:assert/strict';
import test from 'node:test';
import {
  type DescribePartitionReply,
  OfferOutcome,
  type TaskRef,
  type UpdateQueueConfigRequest,
} from '@duramesh/proto';
import { activityQueue as queue, MatchingWorld, startedWorld as world, workflowOf } from './testing/matching-world.ts';

const SOURCE = { api: 1, worker: 2, system: 3 } as const;
const limit = (requestsPerSecond: number) => ({ rateLimit: { requestsPerSecond } });
const workerLimit = (value: number) => ({ taskQueueMetadata: { maxTasksPerSecond: { value } } });
const tasks = (count: number, fairnessKey = ''): Partial<TaskRef>[] =>
  Array.from({ length: count }, (_, at) => ({ workflowId: `${fairnessKey}${at}`, priority: { fairnessKey } }));

async function configure(w: MatchingWorld, request: UpdateQueueConfigRequest['request']): Promise<void> {
  await w.clock.runUntil(w.client.updateQueueConfig({ queue, request }));
}
const describe = (w: MatchingWorld): Promise<DescribePartitionReply> =>
  w.clock.runUntil(w.client.describePartition({ queue }));

/** What a worker with one poller gets within a time. */
async function takenWithin(w: MatchingWorld, durationMs: number): Promise<string[]> {
  const untilMs = w.clock.now() + durationMs;
  const seen: string[] = [];
  for (let restMs = durationMs; restMs > 0; restMs = untilMs - w.clock.now()) {
    const reply = await w.clock.runUntil(w.poll({ waitMs: restMs }, queue));
    if (reply.task === undefined) break;
    seen.push(workflowOf(reply) ?? '');
    await w.started(reply, queue);
  }
  return seen;
}

test('a queue that is limited to five a second gives five at once, then five a second', async () => {
  const w = await world();
  await configure(w, { updateQueueRateLimit: limit(5) });
  await w.addAll(tasks(30), queue);
  assert.equal((await w.take(30, queue)).length, 5);
  assert.equal((await takenWithin(w, 2_050)).length, 10);
  assert.equal((await describe(w)).rateLimitingActive, true);
  await w.clock.advance(31_000);
  assert.equal((await describe(w)).rateLimitingActive, false);
});

test('a queue that is limited to nothing is paused, stores what comes, and goes on the moment it may', async () => {
  const w = await world();
  await configure(w, { updateQueueRateLimit: limit(0) });
  const poll = w.poll({ waitMs: 600_000 }, queue);
  await w.addAll(tasks(2), queue);
  assert.equal(w.storedTasks, 2);
  const pending = w.clock.pendingTimers;
  await w.clock.advance(60_000);
  assert.ok(w.clock.pendingTimers <= pending, 'it does not look again and again');
  const raisedMs = w.clock.now();
  await configure(w, { updateQueueRateLimit: limit(10) });
  assert.equal(workflowOf(await w.clock.runUntil(poll)), '0');
  assert.equal(w.clock.now(), raisedMs);
});

test('an operator’s limit goes before a worker’s, and a worker’s before the system’s', async () => {
  const w = await world({ dispatchPerSecond: 100 });
  const effective = async (): Promise<readonly [number, number]> => {
    const { requestsPerSecond, rateLimitSource } = await describe(w);
    return [requestsPerSecond, rateLimitSource];
  };
  assert.deepEqual(await effective(), [100, SOURCE.system]);
  await w.clock.runUntil(w.poll({ waitMs: 1, ...workerLimit(7) }, queue));
  assert.deepEqual(await effective(), [7, SOURCE.worker]);
  await configure(w, { updateQueueRateLimit: limit(3) });
  assert.deepEqual(await effective(), [3, SOURCE.api]);
  await configure(w, { updateQueueRateLimit: {} });
  assert.deepEqual(await effective(), [7, SOURCE.worker]);
  await w.clock.runUntil(w.poll({ waitMs: 1 }, queue));
  assert.deepEqual(await effective(), [100, SOURCE.system], 'a poll without a limit takes the worker’s back');
  await configure(w, { updateQueueRateLimit: limit(1_000) });
  assert.deepEqual(await effective(), [100, SOURCE.system], 'nothing goes beyond the system’s');
});

test('a worker’s limit of nothing pauses the queue for its polls', async () => {
  const w = await world();
  await w.addAll(tasks(1), queue);
  const reply = await w.clock.runUntil(w.poll({ waitMs: 5_000, ...workerLimit(0) }, queue));
  assert.equal(reply.task, undefined);
  assert.equal((await w.take(1, queue)).length, 1);
});

test('tasks that nobody needs any more cost the limit nothing', async () => {
  const w = await world();
  await configure(w, { updateQueueRateLimit: limit(1) });
  await w.addAll(tasks(200), queue);
  for (let i = 0; i < 199; i++) {
    const reply = await w.clock.runUntil(w.poll({ waitMs: 0 }, queue));
    await w.resolve(reply, OfferOutcome.OFFER_OUTCOME_DROPPED, queue);
  }
  assert.deepEqual(await w.take(1, queue), ['199']);
});

test('nor do they cost the limit of their key anything', async () => {
  const w = await world();
  await configure(w, { updateFairnessKeyRateLimitDefault: limit(1) });
  await w.addAll(tasks(20, 'a'), queue);
  const startedMs = w.clock.now();
  for (let i = 0; i < 19; i++) {
    const [reply, next] = [await w.clock.runUntil(w.poll({ waitMs: 0 }, queue)), w.poll({ waitMs: 5_000 }, queue)];
    await w.clock.settle();
    await w.resolve(reply, OfferOutcome.OFFER_OUTCOME_DROPPED, queue);
    await w.returned(await w.clock.runUntil(next), queue);
  }
  assert.ok(w.clock.now() - startedMs < 1_000);
  assert.deepEqual(await w.take(1, queue), ['a19']);
});

test('a key beyond its limit waits while the others go on', async () => {
  const w = await world();
  await configure(w, { updateFairnessKeyRateLimitDefault: limit(2), setFairnessWeightOverrides: { wide: 10 } });
  await w.addAll([...tasks(50, 'narrow'), ...tasks(50, 'wide'), ...tasks(1)], queue);
  const taken = await w.take(100, queue);
  const count = (key: string): number => taken.filter((id) => id.replace(/\d+$/, '') === key).length;
  assert.deepEqual([count('narrow'), count('wide'), count('')], [2, 20, 1]);
  const later = await takenWithin(w, 1_010);
  assert.equal(later.filter((id) => id.startsWith('narrow')).length, 2);
});

test('a new task of a key beyond its limit does not overtake, and does not keep a poller from others', async () => {
  const w = await world();
  await configure(w, { updateFairnessKeyRateLimitDefault: limit(1) });
  const polls = [w.poll({}, queue), w.poll({}, queue)];
  await w.clock.settle();
  void w.add({ workflowId: 'a0', priority: { fairnessKey: 'a' } }, queue);
  void w.add({ workflowId: 'a1', priority: { fairnessKey: 'a' } }, queue);
  void w.add({ workflowId: 'b0', priority: { fairnessKey: 'b' } }, queue);
  const [first, second] = await w.clock.runUntil(Promise.all(polls));
  assert.deepEqual([first && workflowOf(first), second && workflowOf(second)], ['a0', 'b0']);
});

test('what operators set survives a restart; what a worker set does not', async () => {
  const w = new MatchingWorld();
  const first = await w.start('a');
  await configure(w, {
    identity: 'operator',
    updateQueueRateLimit: { ...limit(4), reason: 'slow down' },
    setFairnessWeightOverrides: { a: 2, b: 3 },
  });
  await configure(w, { unsetFairnessWeightOverrides: ['a', 'never'] });
  await w.clock.runUntil(w.poll({ waitMs: 1, ...workerLimit(2) }, queue));
  first.crash();
  await w.start('a');
  const { config, requestsPerSecond } = await describe(w);
  assert.equal(requestsPerSecond, 4);
  assert.deepEqual({ ...config?.fairnessWeightOverrides }, { b: 3 });
  assert.equal(config?.queueRateLimit?.metadata?.reason, 'slow down');
  assert.equal(config?.queueRateLimit?.metadata?.updateIdentity, 'operator');
  await configure(w, { updateQueueRateLimit: { reason: 'no longer' } });
  const unset = await describe(w);
  assert.equal(unset.rateLimitSource, SOURCE.system);
  assert.equal(unset.config?.queueRateLimit?.metadata?.reason, 'no longer');
});

test('a configuration whose write got no answer is written again before it is answered', async () => {
  const w = new MatchingWorld();
  let writes = 0;
  await w.start('a', {
    fate: (operation) =>
      operation === 'writeQueueConfig' && ++writes === 1 ? { landsAfterMs: undefined } : 'answered',
  });
  await configure(w, { updateQueueRateLimit: limit(4) });
  assert.equal(writes, 2);
  assert.equal((await describe(w)).requestsPerSecond, 4);
});

test('a queue has only so many weights', async () => {
  const w = await world({ weightOverrides: 2 });
  await configure(w, { setFairnessWeightOverrides: { a: 1, b: 1 } });
  await assert.rejects(configure(w, { setFairnessWeightOverrides: { c: 1 } }), {
    message: 'fairness weight overrides update rejected: exceeding maximum key size',
  });
  await configure(w, { setFairnessWeightOverrides: { c: 1 }, unsetFairnessWeightOverrides: ['a'] });
});
