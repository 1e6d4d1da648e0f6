import assert from 'node:assert/strict';
import test from 'node:test';
import { WakeFloor } from './wake-floor.ts';

const HOUR_MS = 3_600_000;
const NOW = 1_000 * HOUR_MS;

/** Where the next reading begins, which then finds nothing until `untilMs`. */
function scanned(floor: WakeFloor, untilMs: number, owned = { acquisitions: 1, shards: [1, 2] }): number | undefined {
  const scan = floor.begin(owned.shards, owned.acquisitions);
  const [first] = scan.windows(untilMs);
  scan.end(untilMs);
  return first?.[0];
}

test('the index is read from the beginning after a lease was taken, then from where it was found empty', () => {
  const floor = new WakeFloor();
  assert.equal(scanned(floor, NOW), 0);
  assert.equal(scanned(floor, NOW + 10), NOW - 1);
  assert.equal(scanned(floor, NOW + 10, { acquisitions: 2, shards: [1, 2] }), 0);
  assert.equal(scanned(floor, NOW + 10, { acquisitions: 2, shards: [1, 3] }), 0, 'a shard more');
});

test('a wake-up that is noted before, while or after the index is read is not passed over', () => {
  const floor = new WakeFloor();
  scanned(floor, NOW);
  floor.note(NOW - 500);
  const scan = floor.begin([1, 2], 1);
  assert.equal([...scan.windows(NOW)][0]?.[0], NOW - 501);
  floor.note(NOW - 700);
  scan.end(NOW);
  assert.equal(scanned(floor, NOW), NOW - 701);
  floor.note(5);
  assert.equal(scanned(floor, NOW), 4);
});

test('a reading that failed leaves nothing known', () => {
  const floor = new WakeFloor();
  scanned(floor, NOW);
  floor.begin([1, 2], 1);
  assert.equal(scanned(floor, NOW), 0);
});

test('windows follow one another without a gap, short ones where tombstones are', () => {
  const floor = new WakeFloor();
  const windows = [...floor.begin([1], 1).windows(NOW)];
  assert.deepEqual([windows[0], windows.at(-1)?.[1]], [[0, NOW - 3 * HOUR_MS], NOW]);
  for (const [i, [from, to]] of windows.entries()) {
    assert.equal(from, windows[i - 1]?.[1] ?? 0);
    assert.ok(i === 0 || to - from <= HOUR_MS / 12);
  }
});
