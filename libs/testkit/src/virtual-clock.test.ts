import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './virtual-clock.ts';

test('timers run at their own instant, in order of time and then of making', async () => {
  const clock = new VirtualClock(0);
  const seen: string[] = [];
  const note = (name: string) => (): void => void seen.push(`${name}@${clock.now()}`);
  clock.schedule(30, note('c'));
  clock.schedule(10, note('a'));
  clock.schedule(10, note('b'));
  clock.schedule(31, note('later'));
  await clock.advance(30);
  assert.deepEqual(seen, ['a@10', 'b@10', 'c@30']);
  assert.equal(clock.now(), 30);
  assert.equal(clock.pendingTimers, 1);
});

test('promises woken by a timer come to rest before the next timer runs', async () => {
  const clock = new VirtualClock(0);
  const seen: string[] = [];
  const sleeper = async (): Promise<void> => {
    await clock.sleep(5);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    seen.push('woken');
    await new Promise<void>((resolve) => clock.defer(resolve));
    seen.push('deferred');
    await clock.sleep(2);
    seen.push(`again@${clock.now()}`);
  };
  const done = sleeper();
  clock.schedule(6, () => seen.push('six'));
  await clock.advance(10);
  await done;
  assert.deepEqual(seen, ['woken', 'deferred', 'six', 'again@7']);
});

test('a cancelled timer does not run and an aborted sleep rejects with the reason', async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const timer = clock.schedule(5, () => assert.fail('ran'));
  const sleep = assert.rejects(clock.sleep(50, abort.signal), /enough/);
  timer.cancel();
  timer.cancel();
  await clock.advance(10);
  abort.abort(new Error('enough'));
  await sleep;
  assert.equal(clock.pendingTimers, 0);
});

test('runUntil passes just the time a promise needs, and says so when nothing could settle it', async () => {
  const clock = new VirtualClock(0);
  await clock.runUntil(clock.sleep(1234));
  assert.equal(clock.now(), 1234);
  await assert.rejects(clock.runUntil(new Promise(() => {})), /not settled/);
});

test('a thousand timers made in any order run by time', async () => {
  const clock = new VirtualClock(0);
  const seen: number[] = [];
  for (let i = 0; i < 1000; i++) clock.schedule((i * 7919) % 1000, () => seen.push(clock.now()));
  await clock.advance(1000);
  assert.equal(seen.length, 1000);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
});
