import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@duramesh/testkit';
import { DEADLINE_TICK_MS, Deadlines, Expiring } from './deadlines.ts';

class Noted extends Expiring {
  readonly #onExpire: () => void;

  constructor(onExpire: () => void) {
    super();
    this.#onExpire = onExpire;
  }

  override expire(): void {
    this.#onExpire();
  }
}

test('everything expires once, never early and at most one tick late', async () => {
  const clock = new VirtualClock(0);
  const deadlines = new Deadlines(clock);
  let expired = 0;
  for (let i = 0; i < 1_000; i++) {
    const atMs = (i * 7919) % 5_000;
    const onExpire = (): void => {
      expired += 1;
      assert.ok(clock.now() >= atMs && clock.now() <= atMs + DEADLINE_TICK_MS, `${clock.now()} for ${atMs}`);
    };
    deadlines.add(new Noted(onExpire), atMs);
  }
  await clock.advance(5_000 + DEADLINE_TICK_MS);
  assert.equal(expired, 1_000);
  assert.equal(clock.pendingTimers, 0);
});

test('what is removed does not expire, wherever it stands among its neighbours', async () => {
  const clock = new VirtualClock(0);
  const deadlines = new Deadlines(clock);
  for (const removed of [0, 1, 2]) {
    const seen: number[] = [];
    const entries = [0, 1, 2].map((i) => new Noted(() => seen.push(i)));
    for (const entry of entries) deadlines.add(entry, clock.now() + 100);
    const entry = entries[removed];
    assert.ok(entry);
    deadlines.remove(entry);
    deadlines.remove(entry);
    await clock.advance(200);
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      [0, 1, 2].filter((i) => i !== removed),
    );
  }
});

test('an earlier deadline added later is met', async () => {
  const clock = new VirtualClock(0);
  const deadlines = new Deadlines(clock);
  const seen: number[] = [];
  deadlines.add(new Noted(() => seen.push(clock.now())), 1_000);
  deadlines.add(new Noted(() => seen.push(clock.now())), 50);
  await clock.advance(2_000);
  assert.deepEqual(seen, [50, 1_000]);
});

test('what expires may add a deadline', async () => {
  const clock = new VirtualClock(0);
  const deadlines = new Deadlines(clock);
  const seen: number[] = [];
  const again = (): void => {
    seen.push(clock.now());
    if (seen.length < 3) deadlines.add(new Noted(again), clock.now() + 100);
  };
  deadlines.add(new Noted(again), 100);
  await clock.advance(1_000);
  assert.deepEqual(seen, [100, 200, 300]);
});

test('steady traffic shares timers: one wake-up serves many requests', async () => {
  const clock = new VirtualClock(0);
  const deadlines = new Deadlines(clock);
  let timers = 0;
  const schedule = clock.schedule.bind(clock);
  clock.schedule = (delayMs, run) => {
    timers += 1;
    return schedule(delayMs, run);
  };
  for (let i = 0; i < 1_000; i++) {
    const entry = new Noted(() => assert.fail('removed in time'));
    deadlines.add(entry, clock.now() + 2_000);
    await clock.advance(1);
    deadlines.remove(entry);
  }
  await clock.advance(10_000);
  assert.ok(timers <= 2, `${timers}`);
  assert.equal(clock.pendingTimers, 0);
});
