import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { RateLimit } from './rate-limit.ts';

/** Takes whatever may be taken from one moment to another, millisecond by millisecond. */
function takeAll(limit: RateLimit, fromMs: number, toMs: number): number {
  let taken = 0;
  for (let now = fromMs; now < toMs; now++) {
    for (; limit.waitMs(now) === 0; taken++) limit.take(now);
  }
  return taken;
}

test('the burst is one second’s worth, and after it everything goes at an even pace', () => {
  const limit = new RateLimit(5);
  assert.equal(takeAll(limit, 0, 1), 5);
  assert.equal(limit.waitMs(0), 200);
  assert.equal(takeAll(limit, 1, 2_001), 10);
});

test('a limit below one a second lets one go, then one in so many seconds', () => {
  const limit = new RateLimit(0.5);
  assert.equal(takeAll(limit, 0, 1), 1);
  assert.equal(limit.waitMs(0), 2_000);
});

test('a limit of nothing lets nothing go, until it is another', () => {
  const limit = new RateLimit(0);
  assert.equal(limit.waitMs(0), Number.POSITIVE_INFINITY);
  limit.set(3, 100);
  assert.equal(takeAll(limit, 100, 101), 3);
  limit.set(0, 150);
  limit.set(3, 200);
  assert.equal(limit.waitMs(200), 0);
});

test('what is given back can be taken again at once', () => {
  const limit = new RateLimit(2);
  takeAll(limit, 0, 1);
  limit.giveBack();
  assert.equal(takeAll(limit, 0, 1), 1);
});

test('a higher limit does not wait for what the lower one owed', () => {
  const limit = new RateLimit(0.1);
  limit.take(0);
  assert.equal(limit.waitMs(0), 10_000);
  limit.set(100, 0);
  assert.equal(limit.waitMs(0), 0);
});

test('no stretch of time lets more go than its length allows, plus one burst', () => {
  const rates = fc.double({ min: 0.1, max: 200, noNaN: true });
  fc.assert(
    fc.property(rates, fc.integer({ min: 1, max: 5_000 }), (perSecond, durationMs) => {
      const taken = takeAll(new RateLimit(perSecond), 0, durationMs);
      assert.ok(taken <= Math.ceil(perSecond) + (perSecond * durationMs) / 1_000 + 1);
      assert.ok(taken >= Math.floor((perSecond * durationMs) / 1_000));
    }),
    { numRuns: 30 },
  );
});

test('a clock that is set back makes nobody wait longer than for one burst', () => {
  const limit = new RateLimit(10);
  for (let i = 0; i < 10; i++) limit.take(3_600_000);
  assert.ok(limit.waitMs(0) <= 101, String(limit.waitMs(0)));
  assert.ok(takeAll(limit, 1_000, 2_000) >= 9);
});
