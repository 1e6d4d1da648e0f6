import assert from 'node:assert/strict';
import type { ListCursor, Store, VisibilityRow } from '@duramesh/persistence';
import type { Condition } from '@duramesh/visibility';
import { and, attribute, compare, isNull, system } from './conditions.ts';
import { everyStore } from './drivers.ts';
import {
  acquireShard,
  addRow,
  bytes,
  commit,
  keyOf,
  NAMESPACE,
  plain,
  runWrite,
  visibilityRow,
  write,
} from './rows.ts';

const everything = { where: undefined, groupBy: undefined };

async function pages(store: Store, where: Condition | undefined, size: number): Promise<string[]> {
  const found: string[] = [];
  let after: ListCursor | undefined;
  do {
    const page = await store.visibility.list(NAMESPACE, { where, groupBy: undefined }, { size, after });
    assert.ok(page.rows.length <= size);
    assert.equal(page.next !== undefined, page.rows.length === size);
    found.push(...page.rows.map((row) => row.workflowId));
    after = page.next;
  } while (after);
  return found;
}

everyStore('open runs come first, newest start first, then closed ones, latest close first', async ({ store }) => {
  const lease = await acquireShard(store);
  const add = (id: string, fields: Partial<VisibilityRow>, runId?: string): Promise<void> =>
    addRow(store, lease, visibilityRow(keyOf(id, runId), fields));
  await add('closed-late', { closeTimeMs: 900, startTimeMs: 100 });
  await add('open-old', { startTimeMs: 50 });
  await add('closed-early', { closeTimeMs: 300, startTimeMs: 200 });
  await add('open-new', { startTimeMs: 700 });
  await add('tie-b', { startTimeMs: 60 }, 'run-b');
  await add('tie-a', { startTimeMs: 60 }, 'run-a');
  await add('closed-same', { closeTimeMs: 300, startTimeMs: 250 });
  const order = ['open-new', 'tie-a', 'tie-b', 'open-old', 'closed-late', 'closed-same', 'closed-early'];
  for (const size of [1, 2, 3, 7, 100]) assert.deepEqual(await pages(store, undefined, size), order);
});

everyStore('a list gives back what was written, attributes in their encoded form', async ({ store }) => {
  const lease = await acquireShard(store);
  const row = visibilityRow(keyOf('w'), {
    status: 2,
    startTimeMs: 1234.5,
    closeTimeMs: 99_000,
    parentWorkflowId: 'p',
    parentRunId: 'pr',
    rootWorkflowId: 'root',
    rootRunId: 'rr',
    memo: bytes(1, 2),
    encodedSearchAttributes: bytes(3),
    searchAttributes: new Map([['A', { type: 'Int', value: 1 }]]),
  });
  await addRow(store, lease, row);
  const { rows } = await store.visibility.list(NAMESPACE, everything, { size: 5, after: undefined });
  const [found] = rows;
  assert.deepEqual(
    { ...found, memo: plain(found?.memo), encodedSearchAttributes: plain(found?.encodedSearchAttributes) },
    { ...row, memo: [1, 2], encodedSearchAttributes: [3], searchAttributes: new Map() },
  );
});

everyStore('a list entry follows its run, and other namespaces do not see it', async ({ store }) => {
  const lease = await acquireShard(store);
  const key = keyOf('w');
  await addRow(store, lease, visibilityRow(key));
  await commit(store, lease, runWrite(key, { expectedVersion: 1 }));
  await commit(store, lease, runWrite(keyOf('w', 'r', 'other-namespace')));
  assert.deepEqual(await pages(store, undefined, 10), ['w']);
  const closed = visibilityRow(key, { status: 5, closeTimeMs: 2000, historyLength: 9 });
  await commit(store, lease, runWrite(key, { expectedVersion: 2, visibility: closed }));
  const page = await store.visibility.list(NAMESPACE, everything, { size: 10, after: undefined });
  assert.deepEqual(page.rows, [closed]);
  assert.equal((await store.visibility.count('other-namespace', everything)).count, 0);
});

everyStore('a list sees what was acknowledged before it was asked', async ({ store }) => {
  const lease = await acquireShard(store);
  for (let i = 1; i <= 20; i++) {
    await addRow(store, lease, visibilityRow(keyOf(`w${i}`)));
    assert.equal((await store.visibility.count(NAMESPACE, everything)).count, i);
  }
});

everyStore('pages neither repeat nor skip runs that stay, while others start and close', async ({ store }) => {
  const lease = await acquireShard(store);
  for (let i = 10; i < 30; i++) await addRow(store, lease, visibilityRow(keyOf(`w${i}`), { startTimeMs: i }));
  const first = await store.visibility.list(NAMESPACE, everything, { size: 10, after: undefined });
  await addRow(store, lease, visibilityRow(keyOf('newer'), { startTimeMs: 99 }));
  const gone = first.next?.runId ?? '';
  await store.executions.deleteRun(lease, keyOf(gone.replace('run-of-', '')));
  const second = await store.visibility.list(NAMESPACE, everything, { size: 10, after: first.next });
  const ids = [...first.rows, ...second.rows].map((row) => row.workflowId);
  assert.deepEqual(
    ids,
    Array.from({ length: 20 }, (_, i) => `w${29 - i}`),
  );
});

everyStore('a filter that matches few of thousands of runs finds them all, in order', async ({ store }) => {
  const lease = await acquireShard(store);
  const writes = Array.from({ length: 3000 }, (_, i) => {
    const fields = { startTimeMs: i, workflowType: i % 500 === 7 ? 'Rare' : 'Order' };
    const searchAttributes = new Map([['N', { type: 'Int', value: i % 2 } as const]]);
    const visibility = visibilityRow(keyOf(`w${i}`), { ...fields, searchAttributes });
    return store.executions.commit(write(lease, runWrite(keyOf(`w${i}`), { visibility })));
  });
  assert.deepEqual(new Set(await Promise.all(writes)), new Set(['committed']));
  const rare = compare(system('WorkflowType'), '=', 'Rare');
  const expected = ['w2507', 'w2007', 'w1507', 'w1007', 'w507', 'w7'];
  assert.deepEqual(await pages(store, rare, 4), expected);
  assert.deepEqual(await pages(store, and(rare, compare(attribute('N', 'Int'), '=', 1)), 4), expected);
  const odd = compare(attribute('N', 'Int'), '=', 1);
  const filter = { where: odd, groupBy: system('WorkflowType') };
  assert.deepEqual(await store.visibility.count(NAMESPACE, filter), {
    count: 1500,
    groups: [
      { value: 'Order', count: 1494 },
      { value: 'Rare', count: 6 },
    ],
  });
  assert.equal((await pages(store, odd, 400)).length, 1500);
});

everyStore('counts group by status and by attribute, rows without one under the empty string', async ({ store }) => {
  const lease = await acquireShard(store);
  const division = (value: string) => new Map([['Division', { type: 'Keyword', value } as const]]);
  await addRow(store, lease, visibilityRow(keyOf('a')));
  await addRow(store, lease, visibilityRow(keyOf('b'), { searchAttributes: division('x') }));
  await addRow(store, lease, visibilityRow(keyOf('c'), { status: 3, closeTimeMs: 5 }));
  const groups = async (groupBy: typeof status, where?: Condition): Promise<unknown> => {
    const result = await store.visibility.count(NAMESPACE, { where, groupBy });
    assert.equal(
      result.count,
      result.groups.reduce((sum, group) => sum + group.count, 0),
    );
    return result.groups.map(({ value, count }) => [value, count]);
  };
  const status = system('ExecutionStatus');
  const field = attribute('Division', 'Keyword');
  assert.deepEqual(await groups(status), [
    ['1', 2],
    ['3', 1],
  ]);
  assert.deepEqual(await groups(field), [
    ['', 2],
    ['x', 1],
  ]);
  assert.deepEqual(await groups(status, isNull(field)), [
    ['1', 1],
    ['3', 1],
  ]);
  assert.deepEqual(await groups(status, compare(system('WorkflowId'), '=', 'nobody')), []);
});

everyStore('runs that closed by a time are found oldest first', async ({ store }) => {
  const lease = await acquireShard(store);
  await addRow(store, lease, visibilityRow(keyOf('open')));
  for (const close of [500, 100, 300]) {
    await addRow(store, lease, visibilityRow(keyOf(`c${close}`), { closeTimeMs: close }));
  }
  const closed = async (untilMs: number, limit: number): Promise<string[]> =>
    (await store.visibility.listClosedBefore(NAMESPACE, untilMs, limit)).map((row) => row.workflowId);
  assert.deepEqual(await closed(300, 10), ['c100', 'c300']);
  assert.deepEqual(await closed(Number.MAX_SAFE_INTEGER, 2), ['c100', 'c300']);
  assert.deepEqual(await closed(99, 10), []);
  const [first] = await store.visibility.listClosedBefore(NAMESPACE, 1000, 1);
  assert.deepEqual(first, { workflowId: 'c100', runId: 'run-of-c100' });
});
