import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, Outcome } from './record/operation.ts';
import { noticed, spreadOf } from './recovery.ts';

let asked = 0;
const operation = (
  workflowId: string,
  [invokedMs, returnedMs]: readonly [number, number],
  outcome: Outcome = 'ok',
): Operation => ({
  id: asked++,
  kind: 'signal',
  workflowId,
  value: '',
  invokedMs,
  returnedMs,
  retries: 0,
  outcome,
});

test('a spread is told by the values themselves, the worst one included', () => {
  const values = Array.from({ length: 100 }, (_, at) => at + 1);
  assert.deepEqual(spreadOf(values), { p50: 50, p99: 99, max: 100, count: 100 });
  assert.deepEqual(spreadOf([7]), { p50: 7, p99: 7, max: 7, count: 1 });
});

test('an id is without an answer from a wish, or from the strike, until whatever is answered next, or its client gives up', () => {
  const operations = [
    // Under way when it struck at 100, answered at 400.
    operation('a', [90, 400]),
    // Given up at 350; nobody knows how it was until the next one.
    operation('b', [150, 350], 'unknown'),
    operation('b', [500, 600]),
    // Not in use any more.
    operation('c', [10, 20]),
  ];
  const { outages } = noticed(operations, { calmMs: 0, struckMs: 100, healedMs: 550, sinceMs: 100 });
  assert.deepEqual(outages, [300, 200]);
});

test('the first success is that of an operation that was asked for when all was in place again', () => {
  const operations = [operation('a', [90, 210]), operation('a', [205, 260])];
  const { firstSuccessMs, unknown, latencyBefore } = noticed(operations, {
    calmMs: 0,
    struckMs: 100,
    healedMs: 200,
    sinceMs: 200,
  });
  assert.deepEqual([firstSuccessMs, unknown, latencyBefore], [60, 0, [120]]);
});

test('what a mishap adds to latency is told by as long a time before it, in which all was well', () => {
  const operations = [
    operation('before', [40, 49]),
    operation('a', [50, 60]),
    operation('a', [99, 120]),
    // Given up: that, too, is how long somebody has waited.
    operation('b', [100, 400], 'unknown'),
    operation('b', [149, 150]),
    operation('afterwards', [150, 160]),
  ];
  const moments = { struckMs: 100, healedMs: 150, sinceMs: 100 };
  const { latencyBefore, latencyDuring } = noticed(operations, { calmMs: 0, ...moments });
  assert.deepEqual(
    [latencyBefore, latencyDuring],
    [
      [10, 21],
      [300, 1],
    ],
  );
  assert.deepEqual(noticed(operations, { calmMs: 70, ...moments }).latencyBefore, [21]);
});
