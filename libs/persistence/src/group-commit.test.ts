import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@duramesh/testkit';
import { GroupCommit } from './group-commit.ts';

const write = {};

function grouped(maxGroup = 100) {
  const groups: number[] = [];
  const commit = new GroupCommit<object>({
    clock: new VirtualClock(),
    maxQueued: 1_000,
    maxGroup,
    flush: async (group) => {
      groups.push(group.length);
      return group.map(() => 'committed');
    },
  });
  return { commit, groups };
}

test('writes of one turn share a flush', async () => {
  const { commit, groups } = grouped();
  await Promise.all([commit.submit(write), commit.submit(write), commit.submit(write)]);
  assert.deepEqual(groups, [3]);
});

test('writes that follow each other alone are flushed alone, without lingering', async () => {
  const { commit, groups } = grouped();
  for (let i = 0; i < 3; i++) {
    const flushed = commit.submit(write);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(groups.length, i + 1, 'one turn is enough');
    await flushed;
  }
  assert.deepEqual(groups, [1, 1, 1]);
});

test('after a shared flush, one more turn lets in what its answers set off a turn later', async () => {
  const { commit, groups } = grouped();
  const late = async (turns: number): Promise<void> => {
    await commit.submit(write);
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
    await commit.submit(write);
  };
  await Promise.all([late(0), late(1)]);
  assert.deepEqual(groups, [2, 2]);
});

test('a group is no larger than it may be, and what is left over follows', async () => {
  const { commit, groups } = grouped(2);
  await Promise.all(Array.from({ length: 5 }, () => commit.submit(write)));
  assert.deepEqual(groups, [2, 2, 1]);
});
