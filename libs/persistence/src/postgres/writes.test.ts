import assert from 'node:assert/strict';
import test from 'node:test';
import type { ExecutionKey, Lease } from '../api/execution-store.ts';
import { type PostgresWrite, statementsOf } from './writes.ts';

const lease: Lease = { kind: 'history', partition: 1, rangeId: 1 };
const keyOf = (workflowId: string): ExecutionKey => ({ namespaceId: 'n', workflowId, runId: 'r' });
const deletion = (workflowId: string): PostgresWrite => ({ kind: 'deleteRuns', lease, key: keyOf(workflowId) });
const pointer = (workflowId: string): PostgresWrite => ({
  kind: 'commit',
  write: { lease, runs: [], current: { ...keyOf(workflowId), expectedRunId: undefined } },
});
const append = (taskId: number, dedupeKey: string, bytes = 0): PostgresWrite => ({
  kind: 'appendTasks',
  lease,
  queue: 'q',
  tasks: [{ taskId, dedupeKey, level: 1, pass: 1, fairnessKey: '', data: new Uint8Array(bytes), expiresMs: 0 }],
});
const removal = (taskId: number): PostgresWrite => ({ kind: 'removeTasks', lease, queue: 'q', taskIds: [taskId] });
const acquisition: PostgresWrite = { kind: 'acquire', leaseKind: 'history', partitions: [1], memberId: 'm', take() {} };

const statements = (...writes: PostgresWrite[]): unknown => statementsOf(writes, { maxBytes: 1_000 });

test('writes of different workflows share a statement, and those of one follow each other', () => {
  const all = [deletion('a'), deletion('b'), deletion('a'), deletion('b'), deletion('a')];
  assert.deepEqual(statements(...all), [[0, 1], [2, 3], [4]]);
});

test('writes of different kinds have statements of their own, in any order unless they meet', () => {
  assert.deepEqual(statements(deletion('a'), pointer('b'), deletion('c'), pointer('a')), [[0, 2], [1], [3]]);
});

test('tasks share a statement unless their id or their work meets another of the queue', () => {
  const all = [append(1, 'x'), append(2, 'y'), append(3, 'x'), removal(2), append(2, 'z')];
  assert.deepEqual(statements(...all), [[0, 1], [2], [3], [4]]);
});

test('an acquisition of leases comes after all that was before it and before all that is behind it', () => {
  const all = [deletion('a'), deletion('a'), acquisition, deletion('b'), deletion('a'), acquisition, deletion('c')];
  assert.deepEqual(statements(...all), [[0], [1], [2], [3, 4], [5], [6]]);
});

test('a statement is no larger than it may be, but for a single write', () => {
  const of = (taskId: number, bytes: number): PostgresWrite => append(taskId, `work-${taskId}`, bytes);
  assert.deepEqual(statements(of(1, 600), of(2, 400), of(3, 1), of(4, 5_000), of(5, 1)), [[0, 1], [2], [3], [4]]);
});
