import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metrics } from '@duramesh/runtime';
import { VirtualClock } from '@duramesh/testkit';
import { StoreFault } from './api/store.ts';
import { measuredStore } from './measured-store.ts';
import { openMemoryStore } from './memory/store.ts';

function counting() {
  const counts = new Map<string, number>();
  const add =
    (name: string) =>
    (amount: number, labels: Readonly<Record<string, string>> = {}) => {
      const key = [name, ...Object.values(labels)].join(' ');
      counts.set(key, (counts.get(key) ?? 0) + amount);
    };
  const metrics: Metrics = {
    counter: (name) => ({ add: add(name) }),
    gauge: (name) => ({ set: add(name) }),
    histogram: (name) => ({ observe: (_value, labels) => add(`${name}_count`)(1, labels) }),
  };
  return { counts, metrics };
}

test('each call is counted and timed under the name of its operation, and answered as ever', async () => {
  const clock = new VirtualClock();
  const { counts, metrics } = counting();
  const store = measuredStore(openMemoryStore({ clock }), { clock, metrics });
  assert.deepEqual(await store.namespaces.list(), []);
  assert.equal(await store.executions.readCurrentRunId('n', 'w'), undefined);
  assert.equal(counts.get('persistence_requests Namespaces.List'), 1);
  assert.equal(counts.get('persistence_latency_count Executions.ReadCurrentRunId'), 1);
  assert.equal(counts.has('persistence_errors Namespaces.List'), false);
});

test('a call that fails is counted by the kind of its failure, and fails as ever', async () => {
  const clock = new VirtualClock();
  const { counts, metrics } = counting();
  const inner = openMemoryStore({ clock });
  const away = {
    ...inner,
    namespaces: { ...inner.namespaces, list: () => Promise.reject(new StoreFault('unavailable', 'away')) },
  };
  const store = measuredStore(away, { clock, metrics });
  await assert.rejects(store.namespaces.list(), /away/);
  assert.equal(counts.get('persistence_errors Namespaces.List'), 1);
  assert.equal(counts.get('persistence_error_with_type Namespaces.List unavailable'), 1);
});
