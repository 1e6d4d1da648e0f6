import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './system.ts';

test('a wait of any length never ends early', { timeout: 30_000 }, async () => {
  const waits = [0, 1.5, 40, 1_025].map(async (waitMs) => {
    const startedAt = performance.now();
    await systemClock.sleep(waitMs);
    return performance.now() - startedAt - waitMs;
  });
  // A timer of Node may run up to a millisecond before the clock says so.
  for (const lateMs of await Promise.all(waits)) assert.ok(lateMs > -1, `${lateMs} ms late`);
});
