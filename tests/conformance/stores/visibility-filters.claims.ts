import assert from 'node:assert/strict';
import type { Store, VisibilityRow } from '@duramesh/persistence';
import type { Condition, SearchAttributeValue } from '@duramesh/visibility';
import {
  and,
  attribute,
  between,
  compare,
  isNull,
  isSet,
  noneOf,
  not,
  oneOf,
  or,
  startsWith,
  system,
} from './conditions.ts';
import { everyStore } from './drivers.ts';
import { acquireShard, addRow, commit, keyOf, NAMESPACE, runWrite, visibilityRow } from './rows.ts';

type Rows = Readonly<Record<string, Partial<VisibilityRow>>>;

async function fill(store: Store, rows: Rows): Promise<void> {
  const lease = await acquireShard(store);
  for (const [id, fields] of Object.entries(rows)) await addRow(store, lease, visibilityRow(keyOf(id), fields));
}

const withValue = (value: SearchAttributeValue): Partial<VisibilityRow> => ({
  searchAttributes: new Map([['A', value]]),
});

/** The workflow ids that match, in alphabetical order. */
async function matching(store: Store, where: Condition): Promise<string> {
  const filter = { where, groupBy: undefined };
  const { rows } = await store.visibility.list(NAMESPACE, filter, { size: 1000, after: undefined });
  assert.equal((await store.visibility.count(NAMESPACE, filter)).count, rows.length);
  return rows
    .map((row) => row.workflowId)
    .sort()
    .join(' ');
}

everyStore('strings compare exactly, by code point, and unset ones match no comparison', async ({ store }) => {
  const keyword = (value: string) => withValue({ type: 'Keyword', value });
  await fill(store, { a: keyword('apple'), A: keyword('Apple'), b: keyword('banana'), none: {} });
  const field = attribute('A', 'Keyword');
  assert.equal(await matching(store, compare(field, '=', 'apple')), 'a');
  assert.equal(await matching(store, compare(field, '!=', 'apple')), 'A b');
  assert.equal(await matching(store, compare(field, '<', 'apple')), 'A');
  assert.equal(await matching(store, compare(field, '>=', 'apple')), 'a b');
  assert.equal(await matching(store, oneOf(field, 'apple', 'banana', 'x')), 'a b');
  assert.equal(await matching(store, noneOf(field, 'apple', 'x')), 'A b');
  assert.equal(await matching(store, between(field, 'a', 'b')), 'a');
  assert.equal(await matching(store, not(between(field, 'a', 'b'))), 'A b');
  assert.equal(await matching(store, isNull(field)), 'none');
  assert.equal(await matching(store, isSet(field)), 'A a b');
});

everyStore('a prefix is taken literally', async ({ store }) => {
  const keyword = (value: string) => withValue({ type: 'Keyword', value });
  await fill(store, { percent: keyword('50%_x'), fifty: keyword('5000'), back: keyword('a\\b'), none: {} });
  const field = attribute('A', 'Keyword');
  assert.equal(await matching(store, startsWith(field, '50%')), 'percent');
  assert.equal(await matching(store, startsWith(field, '50%_')), 'percent');
  assert.equal(await matching(store, startsWith(field, '50')), 'fifty percent');
  assert.equal(await matching(store, startsWith(field, 'A\\')), '');
  assert.equal(await matching(store, startsWith(field, 'a\\')), 'back');
  assert.equal(await matching(store, startsWith(field, '')), 'back fifty percent');
  assert.equal(await matching(store, not(startsWith(field, '50'))), 'back');
  assert.equal(await matching(store, startsWith(system('WorkflowId'), 'p')), 'percent');
});

everyStore('numbers compare as numbers, fractions and all', async ({ store }) => {
  const int = (value: number) => withValue({ type: 'Int', value });
  await fill(store, { nine: int(9), ten: int(10), minus: int(-3), none: {} });
  const field = attribute('A', 'Int');
  assert.equal(await matching(store, compare(field, '>', 9)), 'ten');
  assert.equal(await matching(store, compare(field, '<=', 9)), 'minus nine');
  assert.equal(await matching(store, compare(field, '!=', 9)), 'minus ten');
  assert.equal(await matching(store, between(field, -3, 9)), 'minus nine');
  assert.equal(await matching(store, oneOf(field, 10, 11)), 'ten');
  assert.equal(await matching(store, compare(field, '=', 9.5)), '');
});

everyStore('doubles, datetimes and booleans each match their own', async ({ store }) => {
  await fill(store, {
    double: { searchAttributes: new Map([['D', { type: 'Double', value: 2.5 }]]) },
    whole: { searchAttributes: new Map([['D', { type: 'Double', value: 3 }]]) },
    time: { searchAttributes: new Map([['T', { type: 'Datetime', value: 1_700_000_000_000.123 }]]) },
    yes: { searchAttributes: new Map([['B', { type: 'Bool', value: true }]]) },
    no: { searchAttributes: new Map([['B', { type: 'Bool', value: false }]]) },
  });
  assert.equal(await matching(store, compare(attribute('D', 'Double'), '=', 2.5)), 'double');
  assert.equal(await matching(store, compare(attribute('D', 'Double'), '<', 3.1)), 'double whole');
  assert.equal(await matching(store, oneOf(attribute('D', 'Double'), 3, 4)), 'whole');
  const time = attribute('T', 'Datetime');
  assert.equal(await matching(store, compare(time, '>', 1_700_000_000_000)), 'time');
  assert.equal(await matching(store, compare(time, '=', 1_700_000_000_000.123)), 'time');
  assert.equal(await matching(store, between(time, 0, 1_700_000_000_000)), '');
  assert.equal(await matching(store, compare(attribute('B', 'Bool'), '=', true)), 'yes');
  assert.equal(await matching(store, compare(attribute('B', 'Bool'), '!=', true)), 'no');
  assert.equal(await matching(store, not(compare(attribute('B', 'Bool'), '=', false))), 'yes');
});

everyStore('a keyword list equals each of its elements', async ({ store }) => {
  const list = (...value: string[]) => withValue({ type: 'KeywordList', value });
  await fill(store, { ab: list('a', 'b', 'a'), bc: list('b', 'c'), empty: list(), none: {} });
  const field = attribute('A', 'KeywordList');
  assert.equal(await matching(store, compare(field, '=', 'b')), 'ab bc');
  assert.equal(await matching(store, compare(field, '=', 'a')), 'ab');
  assert.equal(await matching(store, compare(field, '!=', 'a')), 'bc empty');
  assert.equal(await matching(store, oneOf(field, 'a', 'c')), 'ab bc');
  assert.equal(await matching(store, noneOf(field, 'c', 'x')), 'ab empty');
  assert.equal(await matching(store, isNull(field)), 'none');
  assert.equal(await matching(store, compare(field, '=', '')), '');
});

everyStore('a text matches on any of its words, whatever their case', async ({ store }) => {
  const text = (value: string) => withValue({ type: 'Text', value });
  await fill(store, { fox: text('The quick, brown-Fox!'), dog: text('lazy DOG'), dots: text('...'), none: {} });
  const field = attribute('A', 'Text');
  assert.equal(await matching(store, compare(field, '=', 'fox')), 'fox');
  assert.equal(await matching(store, compare(field, '=', 'cat dog FOX')), 'dog fox');
  assert.equal(await matching(store, compare(field, '=', 'fo')), '');
  assert.equal(await matching(store, compare(field, '!=', 'fox')), 'dog dots');
  assert.equal(await matching(store, compare(field, '=', '..')), '');
  assert.equal(await matching(store, isNull(field)), 'none');
});

everyStore(
  'what is only known at the end of a run is null before, but an open run closes after every time',
  async ({ store }) => {
    await fill(store, {
      open: { executionTimeMs: 1500 },
      short: { closeTimeMs: 2000, executionTimeMs: 1500, historyLength: 5 },
      long: { closeTimeMs: 9000, executionTimeMs: 1000, historyLength: 50, status: 3 },
    });
    assert.equal(await matching(store, isNull(system('CloseTime'))), 'open');
    assert.equal(await matching(store, isSet(system('CloseTime'))), 'long short');
    assert.equal(await matching(store, compare(system('CloseTime'), '>', 2000)), 'long open');
    assert.equal(await matching(store, compare(system('CloseTime'), '<=', 2000)), 'short');
    assert.equal(await matching(store, compare(system('CloseTime'), '=', 9000)), 'long');
    assert.equal(await matching(store, between(system('CloseTime'), 2000, 9000)), 'long short');
    assert.equal(await matching(store, compare(system('ExecutionDuration'), '>=', 500)), 'long short');
    assert.equal(await matching(store, compare(system('ExecutionDuration'), '>', 500)), 'long');
    assert.equal(await matching(store, compare(system('HistoryLength'), '!=', 5)), 'long');
    assert.equal(await matching(store, isNull(system('HistorySizeBytes'))), 'open');
  },
);

everyStore('system fields match their columns, and a parent that is not there is null', async ({ store }) => {
  await fill(store, {
    child: { parentWorkflowId: 'p', parentRunId: 'pr', taskQueue: 'tq', workflowType: 'Child', startTimeMs: 5 },
    alone: { status: 8 },
    failed: { status: 3, closeTimeMs: 4000 },
  });
  assert.equal(await matching(store, isNull(system('ParentWorkflowId'))), 'alone failed');
  assert.equal(await matching(store, compare(system('ParentWorkflowId'), '=', 'p')), 'child');
  assert.equal(await matching(store, compare(system('ParentRunId'), '!=', 'x')), 'child');
  assert.equal(await matching(store, compare(system('TaskQueue'), '=', 'tq')), 'child');
  assert.equal(await matching(store, oneOf(system('WorkflowType'), 'Child', 'Order')), 'alone child failed');
  assert.equal(await matching(store, compare(system('ExecutionStatus'), '=', 1)), 'child');
  assert.equal(await matching(store, oneOf(system('ExecutionStatus'), 1, 8)), 'alone child');
  assert.equal(await matching(store, oneOf(system('ExecutionStatus'), 1, 3)), 'child failed');
  assert.equal(await matching(store, compare(system('ExecutionStatus'), '!=', 1)), 'alone failed');
  assert.equal(await matching(store, compare(system('StartTime'), '<', 1000)), 'child');
  assert.equal(await matching(store, compare(system('RunId'), '=', 'run-of-alone')), 'alone');
  assert.equal(await matching(store, compare(system('WorkflowId'), '=', 'alone')), 'alone');
  assert.equal(await matching(store, compare(system('RootRunId'), '=', 'run-of-child')), 'child');
});

everyStore('conditions combine with the three truth values of SQL', async ({ store }) => {
  const int = (value: number) => withValue({ type: 'Int', value });
  await fill(store, { one: int(1), two: int(2), none: {} });
  const field = attribute('A', 'Int');
  const isOne = compare(field, '=', 1);
  const always = isSet(system('WorkflowId'));
  assert.equal(await matching(store, or(isOne, isNull(field))), 'none one');
  assert.equal(await matching(store, not(or(isOne, compare(field, '=', 2)))), '');
  assert.equal(await matching(store, not(and(isOne, always))), 'two');
  assert.equal(await matching(store, not(and(isOne, not(always)))), 'none one two');
  assert.equal(await matching(store, or(isOne, always)), 'none one two');
  assert.equal(await matching(store, and()), 'none one two');
  assert.equal(await matching(store, or()), '');
  const many = Array.from({ length: 3000 }, (_, i) => compare(field, '=', i));
  assert.equal(await matching(store, or(...many)), 'one two');
});

everyStore('an attribute follows its last value, and a value of another type does not match', async ({ store }) => {
  const lease = await acquireShard(store);
  const key = keyOf('w');
  await addRow(store, lease, visibilityRow(key, withValue({ type: 'Keyword', value: 'old' })));
  const changed = visibilityRow(key, withValue({ type: 'Int', value: 5 }));
  await commit(store, lease, runWrite(key, { expectedVersion: 1, visibility: changed }));
  assert.equal(await matching(store, compare(attribute('A', 'Keyword'), '=', 'old')), '');
  assert.equal(await matching(store, compare(attribute('A', 'Int'), '=', 5)), 'w');
  assert.equal(await matching(store, compare(attribute('A', 'Keyword'), '>', '')), '');
  await commit(store, lease, runWrite(key, { expectedVersion: 2, visibility: visibilityRow(key) }));
  assert.equal(await matching(store, isNull(attribute('A', 'Int'))), 'w');
});

everyStore('names and values are never taken for SQL', async ({ store }) => {
  const evil = `x' OR 1=1; DROP TABLE visibility; --`;
  await fill(store, {
    evil: { searchAttributes: new Map([[evil, { type: 'Keyword', value: evil }]]), workflowType: evil },
    good: {},
  });
  assert.equal(await matching(store, compare(attribute(evil, 'Keyword'), '=', evil)), 'evil');
  assert.equal(await matching(store, compare(system('WorkflowType'), '=', evil)), 'evil');
  assert.equal(await matching(store, startsWith(attribute(`' --`, 'Keyword'), `'`)), '');
  assert.equal(await matching(store, isSet(system('WorkflowId'))), 'evil good');
});
