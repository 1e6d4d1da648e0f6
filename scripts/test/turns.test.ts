import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from './turns.ts';

test('what runs at the same time is told one after the other, in the order in which it began', async () => {
  const told: string[] = [];
  const turns = new Turns((text) => void told.push(text));
  const [slow, quick] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = turns.begin(async (tell) => {
    tell('slow begins');
    await slow.promise;
    tell('slow ends');
  });
  const second = turns.begin(async (tell) => {
    tell('quick begins');
    quick.resolve();
    return 'done';
  });
  await quick.promise;
  await Promise.resolve();
  assert.deepEqual(told, ['slow begins']);
  slow.resolve();
  await first;
  assert.equal(await second, 'done');
  assert.deepEqual(told, ['slow begins', 'slow ends', 'quick begins']);
});

test('whoever comes next is told although the work before has failed', async () => {
  const told: string[] = [];
  const turns = new Turns((text) => void told.push(text));
  const failing = turns.begin(async () => Promise.reject(new Error('broken')));
  const next = turns.begin(async (tell) => tell('told'));
  await assert.rejects(failing, /broken/);
  await next;
  assert.deepEqual(told, ['told']);
});
