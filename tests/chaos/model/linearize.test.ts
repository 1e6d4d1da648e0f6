import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice, seededRandom } from '@duramesh/runtime';
import { type Interval, linearize, type SequentialModel } from './linearize.ts';

interface Access extends Interval {
  readonly write?: number;
  readonly read?: number;
}

const cell: SequentialModel<number, Access> = {
  first: 0,
  next: (value, { write, read }) => (write === undefined ? (read === value ? [value] : []) : [write]),
  key: String,
  isEnd: () => true,
};

const access = (calledAt: number, returnedAt: number, what: Pick<Access, 'write' | 'read'>): Access => ({
  calledAt,
  returnedAt,
  isOptional: false,
  ...what,
});

test('a read that overlaps a write may see the value before it or after it', () => {
  for (const read of [0, 1]) {
    const verdict = linearize([access(0, 9, { write: 1 }), access(1, 2, { read })], cell);
    assert.equal(verdict.kind, 'linearizable');
  }
});

test('two reads one after the other never go back from the new value to the old one', () => {
  const write = access(0, 9, { write: 1 });
  const [before, after] = [access(1, 2, { read: 0 }), access(3, 4, { read: 1 })];
  assert.equal(linearize([write, before, after], cell).kind, 'linearizable');
  const backwards = [write, access(1, 2, { read: 1 }), access(3, 4, { read: 0 })];
  assert.equal(linearize(backwards, cell).kind, 'no order');
});

test('an order that is found keeps what was finished before something else began', () => {
  const verdict = linearize([access(2, 3, { read: 1 }), access(0, 1, { write: 1 })], cell);
  assert.ok(verdict.kind === 'linearizable');
  assert.deepEqual(
    verdict.order.map(({ calledAt }) => calledAt),
    [0, 2],
  );
});

test('what may not have happened happens at any later time, or never', () => {
  const unseen: Access = { calledAt: 0, returnedAt: Infinity, isOptional: true, write: 1 };
  assert.equal(linearize([unseen, access(1, 2, { read: 0 })], cell).kind, 'linearizable');
  assert.equal(linearize([unseen, access(1, 2, { read: 0 }), access(5, 6, { read: 1 })], cell).kind, 'linearizable');
});

/** Answers as a cell gives them that takes each access at a random moment between call and return. */
function drawn(seed: number): readonly Access[] {
  const dice = new Dice(seededRandom(seed));
  const moments = Array.from({ length: 24 }, () => dice.below(40)).sort((a, b) => a - b);
  let value = 0;
  return moments.map((at, n) => {
    const between = [at - dice.below(4), at + 0.5 + dice.below(4)] as const;
    if (!dice.happens(0.4)) return access(...between, { read: value });
    value = n + 1;
    return access(...between, { write: value });
  });
}

test('every history of a cell has an order, and none has one after a read of it is replaced by what was never written', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const history = drawn(seed);
    assert.equal(linearize(history, cell).kind, 'linearizable', `seed ${seed}`);
    const at = history.findIndex(({ read }) => read !== undefined);
    const broken = history.with(at, { ...(history[at] ?? access(0, 1, {})), read: -1 });
    assert.equal(linearize(broken, cell).kind, 'no order', `seed ${seed}`);
  }
});

test('a search that grows beyond its bound is given up, and says so', () => {
  const writes = Array.from({ length: 12 }, (_, at) => access(0, 99, { write: at + 1 }));
  const verdict = linearize([...writes, access(0, 99, { read: -1 })], cell, 500);
  assert.equal(verdict.kind, 'undecided');
});
