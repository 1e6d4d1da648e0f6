import assert from 'node:assert/strict';
import test from 'node:test';
import type { TaskRef } from '@duramesh/proto';
import { MatchingWorld, normalQueue, startedWorld as world, stickyQueue } from './testing/matching-world.ts';

const tasksOf = (fairnessKey: string, count: number, fields: Partial<TaskRef> = {}): Partial<TaskRef>[] =>
  Array.from({ length: count }, (_, at) => ({
    workflowId: `${fairnessKey}${at}`,
    priority: { fairnessKey, ...fields.priority },
  }));
const keyOf = (workflowId: string): string => workflowId.replace(/\d+$/, '');
const countOf = (taken: readonly string[], key: string): number => taken.filter((id) => keyOf(id) === key).length;
const numbered = (key: string, count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, at) => `${key}${from + at}`);

/** More than one page of rows, and more than memory keeps of what is added. */
const LARGE = 2_300;
const small = { loadedTasks: 50, outstandingAppends: 10_000 };

test('stored tasks of several keys come in proportion to their weights', async () => {
  const w = await world();
  await w.addAll(tasksOf('light', 90));
  await w.addAll(tasksOf('heavy', 90, { priority: { fairnessWeight: 3 } }));
  const taken = await w.take(80);
  assert.ok(Math.abs(countOf(taken, 'heavy') - 60) <= 2, `${countOf(taken, 'heavy')} of 80`);
});

test('a backlog larger than memory of one key does not hold up another key that comes later', async () => {
  const w = await world(small);
  await w.addAll(tasksOf('many', LARGE));
  await w.take(5);
  await w.addAll(tasksOf('few', 20));
  const taken = await w.take(50);
  assert.equal(countOf(taken, 'few'), 20);
  const rest = await w.drain();
  assert.deepEqual(rest, numbered('many', LARGE - 35, 35));
});

test('an urgent task goes before a less urgent backlog that is larger than memory, also after a restart', async () => {
  const w = new MatchingWorld(small);
  const first = await w.start('a');
  await w.addAll(tasksOf('later', LARGE));
  await w.addAll(tasksOf('urgent', 60, { priority: { priorityKey: 1 } }));
  assert.deepEqual(await w.take(30), numbered('urgent', 30));
  await w.clock.advance(2_000);
  first.crash();
  await w.start('a');
  assert.deepEqual(await w.take(32), [...numbered('urgent', 30, 30), 'later0', 'later1']);
});

test('the shares go on where they were after a restart, and a key’s new tasks stay behind its old ones', async () => {
  const w = new MatchingWorld(small);
  const first = await w.start('a');
  await w.addAll(tasksOf('many', LARGE));
  await w.take(100);
  await w.clock.advance(2_000);
  first.crash();
  await w.start('a');
  await w.addAll([{ workflowId: 'many-new', priority: { fairnessKey: 'many' } }, ...tasksOf('few', 10)]);
  const taken = await w.take(25);
  assert.equal(countOf(taken, 'few'), 10);
  const rest = await w.drain();
  assert.equal(rest.at(-1), 'many-new');
  assert.equal(rest.length, LARGE - 100 - 15 + 1);
});

test('a level that is read to its end after a restart still knows who stands where', async () => {
  const w = new MatchingWorld();
  const first = await w.start('a');
  await w.addAll(tasksOf('many', 40));
  first.crash();
  await w.start('a');
  await w.addAll([{ workflowId: 'many-new', priority: { fairnessKey: 'many' } }, ...tasksOf('few', 3)]);
  const taken = await w.drain();
  assert.equal(taken.at(-1), 'many-new');
  assert.equal(countOf(taken.slice(0, 6), 'few'), 3);
});

test('more tasks and keys than memory has room for come whole, each key in its order', async () => {
  const w = await world({ ...small, fairnessKeys: 100 });
  const keys = Array.from({ length: 700 }, (_, at) => `key-${at}-`);
  await w.addAll(tasksOf('first', 1_300));
  // Reads a page: from now on whoever stands before its end is kept in memory.
  await w.take(60);
  for (let round = 0; round < 10; round++) {
    await w.addAll(keys.map((fairnessKey) => ({ workflowId: `${fairnessKey}${round}`, priority: { fairnessKey } })));
  }
  const taken = await w.drain();
  assert.equal(new Set(taken).size, 8_240);
  const rounds = new Map([['first', 59]]);
  for (const workflowId of taken) {
    const key = keyOf(workflowId);
    const round = Number(workflowId.slice(key.length));
    assert.equal(round, (rounds.get(key) ?? -1) + 1, workflowId);
    rounds.set(key, round);
  }
});

test('keys that memory has forgotten keep their order while all their tasks are in memory', async () => {
  const w = await world({ fairnessKeys: 20, outstandingAppends: 1_000 });
  const keys = Array.from({ length: 200 }, (_, at) => `key-${at}-`);
  for (const from of [0, 2]) {
    const tasks = keys.flatMap((fairnessKey) => numbered(fairnessKey, 2, from).map((workflowId) => ({ workflowId })));
    await w.addAll(tasks.map(({ workflowId }) => ({ workflowId, priority: { fairnessKey: keyOf(workflowId) } })));
  }
  const taken = await w.drain();
  for (const key of keys) {
    const own = taken.filter((workflowId) => keyOf(workflowId) === key);
    assert.deepEqual(own, numbered(key, 4));
  }
});

test('the weight that an operator gives a key goes before that of its tasks', async () => {
  const w = await world();
  const request = { setFairnessWeightOverrides: { favoured: 4 } };
  await w.clock.runUntil(w.client.updateQueueConfig({ queue: normalQueue, request }));
  await w.addAll(tasksOf('favoured', 60, { priority: { fairnessWeight: 0.1 } }));
  await w.addAll(tasksOf('other', 60));
  const taken = await w.take(50);
  assert.ok(Math.abs(countOf(taken, 'favoured') - 40) <= 2, `${countOf(taken, 'favoured')} of 50`);
});

test('a sticky queue knows priorities but no shares', async () => {
  const w = await world();
  await w.clock.runUntil(w.poll({ waitMs: 10 }, stickyQueue));
  await w.addAll([...tasksOf('a', 3), ...tasksOf('b', 2)], stickyQueue);
  await w.addAll(tasksOf('urgent', 1, { priority: { priorityKey: 1 } }), stickyQueue);
  assert.deepEqual(await w.take(6, stickyQueue), ['urgent0', 'a0', 'a1', 'a2', 'b0', 'b1']);
});

test('a stored backlog is counted by priority, exactly, while it grows, while it is read, and when it is gone', async () => {
  const w = await world(small);
  const counts = async (): Promise<(readonly [number, number])[]> => {
    const { levels } = await w.client.describePartition({ queue: normalQueue });
    return levels.map(({ priorityKey, backlogCount }) => [priorityKey, backlogCount]);
  };
  await w.addAll(tasksOf('a', LARGE));
  await w.addAll(tasksOf('u', 70, { priority: { priorityKey: 2 } }));
  assert.deepEqual(await counts(), [
    [2, 70],
    [3, LARGE],
  ]);
  await w.take(80);
  assert.deepEqual(await counts(), [
    [2, 0],
    [3, LARGE - 10],
  ]);
  await w.drain();
  assert.deepEqual(await counts(), [
    [2, 0],
    [3, 0],
  ]);
});
