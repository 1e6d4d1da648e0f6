import assert from 'node:assert/strict';
import test from 'node:test';
import { emptyState } from '@duramesh/engine';
import { type CachedRun, RunCache } from './run-cache.ts';

function run(workflowId: string, closeEventId = 0): CachedRun {
  const key = { namespaceId: 'n', workflowId, runId: 'r' };
  const state = emptyState('n', workflowId, 'r');
  return {
    key,
    shard: 1,
    state: { ...state, info: { ...state.info, closeEventId } },
    version: 1,
    tail: [],
    tailBytes: 0,
  };
}

test('open runs stay in memory while closed ones pass through it', () => {
  const cache = new RunCache(1_000);
  const open = run('open');
  cache.put(open);
  const closed = Array.from({ length: 500 }, (_, i) => run(`closed-${i}`, 11));
  for (const one of closed) cache.put(one);
  assert.equal(cache.get(open.key), open);
  assert.equal(cache.get(run('closed-499').key), closed[499]);
  assert.equal(cache.get(run('closed-0').key), undefined);
  assert.ok(cache.size < 200);
});

test('a closed run that is written again counts once, as the latest', () => {
  const cache = new RunCache(1_000);
  const first = run('first', 5);
  for (let i = 0; i < 300; i++) {
    cache.put(first);
    cache.put(run(`closed-${i}`, 5));
  }
  assert.equal(cache.get(first.key), first);
});

test('the run that was used least recently is forgotten when there are too many', () => {
  const cache = new RunCache(2);
  for (const id of ['a', 'b']) cache.put(run(id));
  cache.get(run('a').key);
  cache.put(run('c'));
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => cache.get(run(id).key) !== undefined),
    [true, false, true],
  );
});

test('a shard that is forgotten takes what was known of current runs along, also of runs that are not in memory', () => {
  const cache = new RunCache(10);
  const here = run('here');
  cache.put(here);
  cache.setCurrent('n_here', { runId: 'r', shard: 1 });
  // Read, and the run itself was not: the shard was lost in between (simulation seed 10315).
  cache.setCurrent('n_elsewhere', { runId: 'r', shard: 1 });
  cache.setCurrent('n_other', { runId: 'r', shard: 2 });
  cache.forgetShard(1);
  assert.equal(cache.get(here.key), undefined);
  assert.deepEqual(
    ['n_here', 'n_elsewhere', 'n_other'].map((key) => cache.currentRunId(key)),
    [undefined, undefined, 'r'],
  );
});
