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
