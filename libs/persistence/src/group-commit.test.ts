import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { VirtualClock } from '@duramesh/testkit';
import { GroupCommit, type WriteOutcome } from './group-commit.ts';

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

/** Two flights of at most two writes; a write is the name of what it touches, `*` touches everything. */
function twoFlights() {
  const underWay: { readonly group: readonly string[]; land(): void }[] = [];
  const landed: string[] = [];
  const commit = new GroupCommit<string>({
    clock: new VirtualClock(),
    maxQueued: 1_000,
    maxGroup: 2,
    flights: { max: 2, touchedBy: (name) => (name === '*' ? 'everything' : [name]) },
    flush: (group) =>
      new Promise<readonly WriteOutcome[]>((resolve) => {
        const flight = {
          group,
          land: () => {
            underWay.splice(underWay.indexOf(flight), 1);
            landed.push(...group);
            resolve(group.map(() => 'committed'));
          },
        };
        underWay.push(flight);
      }),
  });
  const submit = (...names: string[]): void => {
    for (const name of names) void commit.submit(name);
  };
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  /** The groups under way, after the first of them has landed `count` times. */
  const after = async (count: number): Promise<readonly (readonly string[])[]> => {
    for (let i = 0; i < count; i++) {
      underWay[0]?.land();
      await turns();
    }
    await turns();
    return underWay.map(({ group }) => group);
  };
  return { commit, submit, after, landed };
}

test('a second flight begins with a full group only, and there is no third', async () => {
  const { submit, after } = twoFlights();
  submit('a');
  assert.deepEqual(await after(0), [['a']]);
  submit('b');
  assert.deepEqual(await after(0), [['a']]);
  submit('c', 'd', 'e', 'f');
  assert.deepEqual(await after(0), [['a'], ['b', 'c']]);
  assert.deepEqual(await after(1), [
    ['b', 'c'],
    ['d', 'e'],
  ]);
  assert.deepEqual(await after(2), [['f']]);
});

test('writes that touch the same are never under way at the same time, and keep their order', async () => {
  const { submit, after, landed } = twoFlights();
  submit('a', 'b');
  await after(0);
  submit('a', 'c', 'a', 'd', 'c');
  assert.deepEqual(await after(0), [
    ['a', 'b'],
    ['c', 'd'],
  ]);
  assert.deepEqual(await after(1), [
    ['c', 'd'],
    ['a', 'a'],
  ]);
  assert.deepEqual(await after(1), [['a', 'a']]);
  assert.deepEqual(await after(1), [['c']]);
  assert.deepEqual(await after(1), []);
  assert.deepEqual(landed, ['a', 'b', 'c', 'd', 'a', 'a', 'c']);
});

test('a write that touches everything flies alone in its place', async () => {
  const { submit, after } = twoFlights();
  submit('a', 'b');
  await after(0);
  submit('*', 'c', 'd');
  assert.deepEqual(await after(0), [['a', 'b']]);
  assert.deepEqual(await after(1), [['*', 'c']]);
  submit('e', 'f');
  assert.deepEqual(await after(0), [['*', 'c']]);
});

test('closing waits for all flights and for what waits behind them', async () => {
  const { commit, submit, after } = twoFlights();
  submit('a', 'b', 'c', 'd', 'e');
  await after(0);
  let isClosed = false;
  const closed = commit.close().then(() => (isClosed = true));
  assert.deepEqual(await after(2), [['e']]);
  assert.equal(isClosed, false);
  await after(1);
  await closed;
});

/** Flushes that are answered at once, with a distance of 4 ms between two after one of three writes or more. */
function paced() {
  const clock = new VirtualClock();
  const flushes: { readonly writes: number; readonly atMs: number }[] = [];
  const commit = new GroupCommit<object>({
    clock,
    maxQueued: 1_000,
    maxGroup: 100,
    pace: { company: 3, enough: 5, ms: 4 },
    flush: async (group) => {
      flushes.push({ writes: group.length, atMs: clock.monotonicMs() });
      return group.map(() => 'committed');
    },
  });
  const submit = async (writes: number): Promise<void> => {
    for (let i = 0; i < writes; i++) void commit.submit(write);
    await clock.settle();
  };
  return { clock, commit, flushes, submit };
}

test('after a flush of many the next one keeps a distance, and takes along what comes meanwhile', async () => {
  const { clock, flushes, submit } = paced();
  await submit(3);
  await clock.advance(1);
  await submit(1);
  await clock.advance(2);
  await submit(2);
  await clock.advance(10);
  assert.deepEqual(flushes, [
    { writes: 3, atMs: 0 },
    { writes: 3, atMs: 4 },
  ]);
});

test('who comes when the distance is kept already, or after a flush of a few, does not wait', async () => {
  const { clock, flushes, submit } = paced();
  await submit(3);
  await clock.advance(5);
  await submit(2);
  await submit(1);
  assert.deepEqual(flushes, [
    { writes: 3, atMs: 0 },
    { writes: 2, atMs: 5 },
    { writes: 1, atMs: 5 },
  ]);
  assert.equal(clock.pendingTimers, 0);
});

test('nobody waits any longer once enough have gathered', async () => {
  const { clock, flushes, submit } = paced();
  await submit(3);
  await submit(4);
  assert.deepEqual(flushes, [{ writes: 3, atMs: 0 }]);
  await submit(1);
  assert.deepEqual(flushes, [
    { writes: 3, atMs: 0 },
    { writes: 5, atMs: 0 },
  ]);
  assert.equal(clock.pendingTimers, 0);
});

test('closing makes nobody wait for the distance', async () => {
  const { clock, commit, flushes, submit } = paced();
  await submit(3);
  await submit(1);
  await commit.close();
  assert.deepEqual(
    flushes.map(({ writes }) => writes),
    [3, 1],
  );
  assert.equal(clock.pendingTimers, 0);
});

test('a process with nothing else to do does not end before a write that keeps its distance', () => {
  const script = `
    import { systemClock as clock } from '@duramesh/runtime/system';
    import { GroupCommit } from './group-commit.ts';
    const flush = async (group) => group.map(() => 'committed');
    const pace = { company: 2, enough: 9, ms: 50 };
    const commit = new GroupCommit({ clock, maxQueued: 9, maxGroup: 9, pace, flush });
    await Promise.all([commit.submit({}), commit.submit({})]);
    console.log(await commit.submit({}));
  `;
  const node = ['--input-type=module', '--eval', script];
  assert.equal(execFileSync(process.execPath, node, { cwd: import.meta.dirname, encoding: 'utf8' }), 'committed\n');
});
