import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@duramesh/testkit';
import { Deadlines } from '../deadlines.ts';
import { AskedAgain } from './asked-again.ts';

const MINUTE_MS = 60_000;

function world() {
  const clock = new VirtualClock(0);
  const askedAgain = new AskedAgain(new Deadlines(clock));
  const isOutdated = (inbox: string, attempt: number, firstNumber = 0): boolean =>
    askedAgain.isOutdated(`_INBOX.server.${inbox}`, { attempt, firstNumber });
  return { clock, isOutdated };
}

test('attempts that come in their order are all executed', () => {
  const { isOutdated } = world();
  assert.deepEqual(
    [isOutdated('a.c.1', 1), isOutdated('a.c.2', 2, 1), isOutdated('a.c.5', 3, 1)],
    [false, false, false],
  );
});

test('an attempt behind a later one of the same call is outdated, by whatever connection each came', () => {
  const { isOutdated } = world();
  assert.equal(isOutdated('a.b.9', 3, 1), false);
  assert.deepEqual([isOutdated('a.c.1', 1), isOutdated('a.c.4', 2, 1)], [true, true]);
  assert.equal(isOutdated('a.b.9', 3, 1), false, 'the same attempt is no earlier one');
});

test('other calls, and calls of others with the same number, are not touched', () => {
  const { isOutdated } = world();
  assert.equal(isOutdated('a.c.9', 2, 1), false);
  assert.deepEqual([isOutdated('a.c.2', 1), isOutdated('b.c.1', 1)], [false, false]);
});

test('a call is remembered for as long as a broker may keep what it was sent', async () => {
  const { clock, isOutdated } = world();
  assert.equal(isOutdated('a.c.9', 2, 1), false);
  await clock.advance(9 * MINUTE_MS);
  assert.equal(isOutdated('a.c.1', 1), true);
  for (const call of ['b', 'c']) {
    await clock.advance(11 * MINUTE_MS);
    isOutdated(`a.c.${call}`, 2, 5);
  }
  assert.equal(isOutdated('a.c.1', 1), false);
});

test('of very many calls the oldest are forgotten', () => {
  const { isOutdated } = world();
  for (let number = 1; number <= 45_000; number++) isOutdated(`a.c.${90_000 + number}`, 2, number);
  assert.equal(isOutdated('a.c.1', 1), false);
  assert.equal(isOutdated(`a.c.${(45_000).toString(36)}`, 1), true);
});
