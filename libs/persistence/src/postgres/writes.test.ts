import assert from 'node:assert/strict';
import test from 'node:test';
import type { ExecutionKey, Lease } from '../api/execution-store.ts';
import { type PostgresWrite, roundsOf } from './writes.ts';

const lease: Lease = { kind: 'history', partition: 1, rangeId: 1 };
const keyOf = (workflowId: string): ExecutionKey => ({ namespaceId: 'n', workflowId, runId: 'r' });
const deletion = (workflowId: string): PostgresWrite => ({ kind: 'deleteRuns', lease, key: keyOf(workflowId) });
const pointer = (workflowId: string): PostgresWrite => ({
  kind: 'commit',
  write: { lease, runs: [], current: { ...keyOf(workflowId), expectedRunId: undefined } },
});
const append = (taskId: number, dedupeKey: string): PostgresWrite => ({
  kind: 'appendTasks',
  lease,
  queue: 'q',
  tasks: [{ taskId, dedupeKey, level: 1, pass: 1, fairnessKey: '', data: new Uint8Array(), expiresMs: 0 }],
});
const removal = (taskId: number): PostgresWrite => ({ kind: 'removeTasks', lease, queue: 'q', taskIds: [taskId] });
const acquisition: PostgresWrite = { kind: 'acquire', leaseKind: 'history', partitions: [1], memberId: 'm', take() {} };

test('writes of different workflows share a round, and those of one follow each other', () => {
  assert.deepEqual(
    roundsOf([deletion('a'), pointer('b'), pointer('a'), deletion('b'), deletion('a')]),
    [0, 0, 1, 1, 2],
  );
});

test('tasks share a round unless their id or their work meets another of the queue', () => {
  assert.deepEqual(
    roundsOf([append(1, 'x'), append(2, 'y'), append(3, 'x'), removal(2), append(2, 'z')]),
    [0, 0, 1, 1, 2],
  );
});

test('an acquisition of leases comes after all that was before it and before all that is behind it', () => {
  const writes = [deletion('a'), deletion('a'), acquisition, deletion('b'), deletion('a'), acquisition, deletion('c')];
  assert.deepEqual(roundsOf(writes), [0, 1, 2, 3, 3, 4, 5]);
});
