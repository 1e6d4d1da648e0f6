import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@duramesh/testkit';
import { Deadlines } from '../deadlines.ts';
import { notOwnerReply } from '../reply.ts';
import { RememberedAnswers } from './remembered-answers.ts';

const REPLY = Uint8Array.of(0, 7);

function world() {
  const clock = new VirtualClock(0);
  const answers = new RememberedAnswers(new Deadlines(clock));
  const told: unknown[] = [];
  const attempt = (call: string): boolean =>
    answers.join(call, { reply: (reply) => told.push([...reply]), fail: (code) => told.push(code) });
  return { clock, answers, told, attempt };
}

test('the first attempt is executed, and one that follows is given its answer', () => {
  const { answers, told, attempt } = world();
  assert.equal(attempt('a'), false);
  answers.answered('a', REPLY);
  assert.equal(attempt('a'), true);
  assert.deepEqual(told, [[0, 7]]);
});

test('attempts that come while the first is executed wait for it', () => {
  const { answers, told, attempt } = world();
  assert.deepEqual([attempt('a'), attempt('a'), attempt('a')], [false, true, true]);
  assert.deepEqual(told, []);
  answers.answered('a', REPLY);
  assert.deepEqual(told, [
    [0, 7],
    [0, 7],
  ]);
});

test('what was not executed is not remembered: the owner has changed, or there was no room', () => {
  const { answers, told, attempt } = world();
  attempt('a');
  attempt('a');
  answers.answered('a', notOwnerReply());
  assert.deepEqual(told, [[...notOwnerReply()]]);
  assert.equal(attempt('a'), false);
  assert.equal(attempt('a'), true);
  answers.failed('a', 'overloaded');
  assert.deepEqual(told.slice(1), ['overloaded']);
  assert.equal(attempt('a'), false);
});

test('an answer is remembered for longer than a call is tried, and not much longer', async () => {
  const { clock, answers, attempt } = world();
  attempt('a');
  answers.answered('a', REPLY);
  await clock.advance(14_000);
  attempt('b');
  assert.equal(attempt('a'), true);
  for (const call of ['c', 'd']) {
    await clock.advance(16_000);
    attempt(call);
  }
  assert.equal(attempt('a'), false);
});

test('what is being executed is not forgotten, however long it takes', async () => {
  const { clock, answers, told, attempt } = world();
  attempt('a');
  attempt('a');
  for (const call of ['b', 'c', 'd', 'e']) {
    await clock.advance(20_000);
    attempt(call);
  }
  await clock.advance(60_000);
  attempt('f');
  answers.answered('a', REPLY);
  assert.deepEqual(told, [[0, 7]]);
});

test('answers take up a bounded room, and the oldest leave it first', () => {
  const { answers, attempt } = world();
  const mebi = 1024 * 1024;
  for (let call = 0; call < 40; call++) {
    attempt(`call ${call}`);
    answers.answered(`call ${call}`, new Uint8Array(mebi));
  }
  attempt('one more');
  assert.deepEqual([attempt('call 7'), attempt('call 39')], [false, true]);
});
