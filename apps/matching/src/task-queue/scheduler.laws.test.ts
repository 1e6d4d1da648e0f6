import assert from 'node:assert/strict';
import test from 'node:test';
import { TaskRef } from '@duramesh/proto';
import fc from 'fast-check';
import { DispatchLimits } from './dispatch-limits.ts';
import { Scheduler } from './scheduler.ts';
import { LEVELS, WaitingTask } from './waiting-task.ts';

const NOW = 1_000;

class Bench {
  /** A priority of which memory does not know all. */
  unread: number | undefined;
  readonly scheduler = new Scheduler({
    limits: new DispatchLimits({ partitions: 1, systemPerSecond: 1e9, maxKeys: 10 }),
    isUnread: (level) => level === this.unread,
    maxKeys: 100,
    isUnfair: false,
  });
  #ids = 0;

  push(priorityKey: number, fairnessKey: string, fairnessWeight = 1): WaitingTask {
    const ref = TaskRef.create({ priority: { priorityKey, fairnessKey, fairnessWeight } });
    const task = new WaitingTask({ taskId: ++this.#ids, ref, addedMs: NOW });
    this.scheduler.push(task);
    return task;
  }

  pop(): WaitingTask | undefined {
    return this.scheduler.pop(NOW);
  }
}

const keys = fc.constantFrom('', 'a', 'b', 'c');
const arrival = fc.record({
  priority: fc.integer({ min: 0, max: LEVELS + 1 }),
  key: keys,
  weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
});
/** Arrivals, and tasks that are taken (undefined) or taken and given back (null). */
const steps = fc.array(fc.oneof({ weight: 2, arbitrary: arrival }, fc.constant(undefined), fc.constant(null)), {
  maxLength: 200,
});

/** Plays the steps and tells of each task that was taken which others waited then. */
function play(sequence: readonly (typeof arrival extends fc.Arbitrary<infer A> ? A | undefined | null : never)[]) {
  const bench = new Bench();
  const waiting = new Set<WaitingTask>();
  const taken: { readonly task: WaitingTask; readonly others: readonly WaitingTask[] }[] = [];
  const take = (): WaitingTask | undefined => {
    const task = bench.pop();
    if (task !== undefined) {
      waiting.delete(task);
      taken.push({ task, others: [...waiting] });
    }
    return task;
  };
  for (const step of sequence) {
    if (step) waiting.add(bench.push(step.priority, step.key, step.weight));
    else if (step === undefined) take();
    else {
      const task = bench.pop();
      if (task !== undefined) bench.scheduler.push(task);
    }
  }
  while (take() !== undefined) continue;
  return { taken, left: waiting.size, size: bench.scheduler.size };
}

test('a task of a less urgent priority never goes before one that is more urgent', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      for (const { task, others } of play(sequence).taken) {
        for (const other of others) assert.ok(task.level <= other.level);
      }
    }),
  );
});

test('the tasks of one key and priority go in the order they came, also when they were given back', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      for (const { task, others } of play(sequence).taken) {
        const same = others.filter((it) => it.level === task.level && it.fairnessKey === task.fairnessKey);
        for (const other of same) assert.ok(task.taskId < other.taskId);
      }
    }),
  );
});

test('whatever comes goes, once', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const { taken, left, size } = play(sequence);
      const arrivals = sequence.filter((step) => step !== undefined && step !== null);
      assert.deepEqual([taken.length, left, size], [arrivals.length, 0, 0]);
      assert.equal(new Set(taken.map(({ task }) => task)).size, taken.length);
    }),
  );
});

test('keys that always have tasks are served in proportion to their weights', () => {
  const weights = fc.array(fc.double({ min: 0.2, max: 10, noNaN: true }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 100, max: 600 }), (chosen, served) => {
      const bench = new Bench();
      chosen.forEach((weight, key) => Array.from({ length: served }, () => bench.push(3, `${key}`, weight)));
      const counts = chosen.map(() => 0);
      for (let i = 0; i < served; i++) {
        const key = Number(bench.pop()?.fairnessKey);
        counts[key] = (counts[key] ?? 0) + 1;
      }
      const total = chosen.reduce((sum, weight) => sum + weight, 0);
      chosen.forEach((weight, key) => {
        const due = (served * weight) / total;
        // A stride is a whole number: up to half a percent off for a weight of 10.
        assert.ok(Math.abs((counts[key] ?? 0) - due) <= 2 + 0.01 * served, `${counts.join()} of ${chosen.join()}`);
      });
    }),
    { numRuns: 50 },
  );
});

test('while tasks of a priority have yet to be read nothing less urgent goes', () => {
  const bench = new Bench();
  bench.push(3, '');
  bench.unread = 2;
  assert.equal(bench.pop(), undefined);
  const urgent = bench.push(1, '');
  assert.equal(bench.pop(), urgent);
  assert.equal(bench.pop(), undefined);
  bench.unread = 4;
  assert.equal(bench.pop()?.level, 3);
});

test('a key that comes back is not owed for the time it was away, nor does it wait behind the backlog of others', () => {
  const bench = new Bench();
  for (let i = 0; i < 300; i++) bench.push(3, 'busy');
  for (let i = 0; i < 200; i++) bench.pop();
  for (let i = 0; i < 50; i++) bench.push(3, 'new');
  const next = Array.from({ length: 100 }, () => bench.pop()?.fairnessKey);
  assert.equal(next.filter((key) => key === 'new').length, 50);
  const firstTen = next.slice(0, 10).filter((key) => key === 'new').length;
  assert.ok(firstTen >= 4 && firstTen <= 6, `${firstTen} of the first ten`);
});
