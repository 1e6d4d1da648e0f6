import assert from 'node:assert/strict';
import { NamespaceRecord } from '@duramesh/proto';
import { everyStore } from './drivers.ts';

const record = (id: string, name: string, version = 1): NamespaceRecord =>
  NamespaceRecord.create({
    id,
    name,
    version,
    retentionMs: 86_400_000,
    data: { team: 'blue' },
    searchAttributes: { K: 2 },
  });

everyStore('a namespace reads back by id, by name and in the list', async ({ store }) => {
  assert.equal(await store.namespaces.create(record('id-2', 'beta')), 'committed');
  assert.equal(await store.namespaces.create(record('id-1', 'alpha')), 'committed');
  assert.deepEqual(await store.namespaces.readById('id-1'), record('id-1', 'alpha'));
  assert.deepEqual(await store.namespaces.readByName('beta'), record('id-2', 'beta'));
  assert.deepEqual(await store.namespaces.list(), [record('id-1', 'alpha'), record('id-2', 'beta')]);
  assert.equal(await store.namespaces.readById('alpha'), undefined);
  assert.equal(await store.namespaces.readByName('id-1'), undefined);
});

everyStore('a namespace whose id or name is taken is a conflict', async ({ store }) => {
  await store.namespaces.create(record('id-1', 'alpha'));
  assert.equal(await store.namespaces.create(record('id-1', 'other')), 'conflict');
  assert.equal(await store.namespaces.create(record('id-2', 'alpha')), 'conflict');
  assert.deepEqual(await store.namespaces.list(), [record('id-1', 'alpha')]);
});

everyStore('a namespace is updated from the version that was read, once', async ({ store }) => {
  await store.namespaces.create(record('id-1', 'alpha', 4));
  await store.namespaces.create(record('id-2', 'beta'));
  const renamed = { ...record('id-1', 'gamma', 4), description: 'new' };
  assert.equal(await store.namespaces.update(renamed), 'committed');
  assert.equal(await store.namespaces.update(renamed), 'conflict');
  assert.deepEqual(await store.namespaces.readById('id-1'), { ...renamed, version: 5 });
  assert.equal(await store.namespaces.readByName('alpha'), undefined);
  assert.equal(await store.namespaces.update({ ...renamed, name: 'beta', version: 5 }), 'conflict');
  assert.equal(await store.namespaces.update(record('id-9', 'new', 1)), 'conflict');
  assert.equal((await store.namespaces.list()).length, 2);
});

everyStore('a deleted namespace frees its name, and deleting it again is fine', async ({ store }) => {
  await store.namespaces.create(record('id-1', 'alpha'));
  assert.equal(await store.namespaces.delete('id-1'), 'committed');
  assert.equal(await store.namespaces.delete('id-1'), 'committed');
  assert.equal(await store.namespaces.readById('id-1'), undefined);
  assert.equal(await store.namespaces.create(record('id-3', 'alpha')), 'committed');
});

everyStore('the first proposal of cluster facts stays', async ({ store }) => {
  const first = { clusterId: 'c-1', clusterName: 'one', historyShards: 1024, matchingSlots: 64 };
  assert.deepEqual(await store.cluster.readOrCreate(first), first);
  const second = { clusterId: 'c-2', clusterName: 'two', historyShards: 4, matchingSlots: 8 };
  assert.deepEqual(await store.cluster.readOrCreate(second), first);
});
