import assert from 'node:assert/strict';
import test from 'node:test';
import { behind, rangeIdOf, StampClock } from './stamp.ts';

test('stamps rise with each batch, leave room behind it, and rise with each lease above all before', () => {
  const clock = new StampClock();
  clock.heardOf({ rangeId: 7 });
  const [first, second] = [clock.next() ?? 0n, clock.next() ?? 0n];
  assert.ok(first < behind(first) && behind(first) < second);
  assert.deepEqual([rangeIdOf(first), rangeIdOf(behind(second))], [7, 7]);
  clock.heardOf({ rangeId: 8 });
  const later = clock.next() ?? 0n;
  assert.ok(later > behind(second));
  clock.heardOf({ rangeId: 7 });
  assert.ok((clock.next() ?? 0n) > later, 'an old lease changes nothing');
});
