import assert from 'node:assert/strict';
import test from 'node:test';
import { FairShares, strideOf } from './fair-shares.ts';

test('the stride of a key is the longer the lighter it is, within bounds', () => {
  assert.deepEqual([1, 2, 0.5, 1_000_000, 0].map(strideOf), [1_000, 500, 2_000, 1, 1_000_000]);
});

test('a new key starts where the others are, and each of its tasks stands one stride further back', () => {
  const shares = new FairShares(10);
  shares.resume(5_000);
  assert.deepEqual([shares.place('a', 100), shares.place('a', 100), shares.place('b', 1)], [5_000, 5_100, 5_000]);
  shares.resume(9_000);
  assert.equal(shares.place('a', 100), 9_000);
});

test('what the store has of a key comes before what is added to it', () => {
  const shares = new FairShares(10);
  shares.learn('a', 700, false);
  assert.equal(shares.isSure('a'), false);
  shares.learn('a', 7_000, true);
  assert.equal(shares.isSure('a'), true);
  assert.equal(shares.place('a', 100), 7_100);
});

test('only so many keys are remembered, those first that have nothing waiting', () => {
  const shares = new FairShares(100);
  for (let i = 0; i < 90; i++) shares.place(`gone ${i}`, 1);
  shares.resume(10);
  for (let i = 0; i < 10; i++) shares.place(`waiting ${i}`, 1);
  shares.place('one more', 1);
  assert.equal(shares.keys, 11);
  assert.equal(shares.isSure('waiting 0'), true);
  for (let i = 0; i < 10_000; i++) shares.place(`${i}`, 1);
  assert.ok(shares.keys <= 100);
});
