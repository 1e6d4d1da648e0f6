import assert from 'node:assert/strict';
import { everyStore } from './drivers.ts';

everyStore('each acquisition of a partition raises its range id, each kind for itself', async ({ store }) => {
  const rangeIds = async (kind: 'history' | 'matching', partitions: number[]): Promise<number[]> =>
    (await store.leases.acquire(kind, partitions, 'm')).map((lease) => lease.rangeId);
  assert.deepEqual(await rangeIds('history', [3, 1]), [1, 1]);
  assert.deepEqual(await rangeIds('history', [1, 2, 3]), [2, 1, 2]);
  assert.deepEqual(await rangeIds('matching', [1]), [1]);
  assert.deepEqual(await rangeIds('history', []), []);
  const leases = await store.leases.acquire('history', [9, 4], 'm');
  assert.deepEqual(leases, [
    { kind: 'history', partition: 9, rangeId: 1 },
    { kind: 'history', partition: 4, rangeId: 1 },
  ]);
});

everyStore(
  '1,024 partitions are acquired in one transaction of a few statements, or in one each',
  async ({ store }) => {
    const partitions = Array.from({ length: 1024 }, (_, i) => i);
    const { commits, statements } = store.stats;
    const leases = await store.leases.acquire('history', partitions, 'm');
    assert.equal(leases.length, 1024);
    // Where each partition is a transaction of its own, none needs more than one.
    const transactions = store.name === 'cassandra' ? 1024 : 1;
    assert.equal(store.stats.commits - commits, transactions);
    assert.ok(store.stats.statements - statements <= (store.name === 'cassandra' ? transactions + 20 : 3));
  },
);

everyStore('a heartbeat tells who else lives, by the time of the store', async ({ store, pass }) => {
  const member = (memberId: string, service = 'history') => ({ service, memberId, address: `127.0.0.1:${memberId}` });
  assert.deepEqual(await store.leases.heartbeat(member('2'), 60_000), []);
  assert.deepEqual(await store.leases.heartbeat(member('1'), 500_000), [member('2')]);
  assert.deepEqual(await store.leases.heartbeat(member('1', 'matching'), 500_000), [member('1'), member('2')]);
  await pass(50_000);
  assert.deepEqual(await store.leases.heartbeat(member('1'), 500_000), [member('2'), member('1', 'matching')]);
  await pass(10_000);
  assert.deepEqual(await store.leases.heartbeat(member('1'), 500_000), [member('1', 'matching')]);
});

everyStore('a member that leaves is gone at once, and one that comes again has its new address', async ({ store }) => {
  const one = { service: 'history', memberId: '1', address: 'a:1' };
  const two = { service: 'history', memberId: '2', address: 'a:2' };
  await store.leases.heartbeat(one, 1000);
  await store.leases.heartbeat({ ...one, address: 'b:1' }, 1000);
  assert.deepEqual(await store.leases.heartbeat(two, 1000), [{ ...one, address: 'b:1' }]);
  await store.leases.leave(one);
  await store.leases.leave(one);
  assert.deepEqual(await store.leases.heartbeat(two, 1000), []);
});

everyStore('operators read who lives and who holds what', async ({ store, pass }) => {
  const member = (service: string, memberId: string) => ({ service, memberId, address: `127.0.0.1:${memberId}` });
  assert.deepEqual(await store.leases.readMembers(), []);
  assert.deepEqual(await store.leases.readHolders('history'), []);
  await store.leases.heartbeat(member('matching', '1'), 500_000);
  await store.leases.heartbeat(member('history', '2'), 60_000);
  await store.leases.heartbeat(member('history', '1'), 500_000);
  assert.deepEqual(await store.leases.readMembers(), [
    member('history', '1'),
    member('history', '2'),
    member('matching', '1'),
  ]);
  await store.leases.acquire('history', [10, 9, 2], '1');
  await store.leases.acquire('matching', [2], '1');
  await store.leases.acquire('history', [9], '2');
  assert.deepEqual(await store.leases.readHolders('history'), [
    { partition: 2, rangeId: 1, memberId: '1' },
    { partition: 9, rangeId: 2, memberId: '2' },
    { partition: 10, rangeId: 1, memberId: '1' },
  ]);
  await pass(60_000);
  assert.deepEqual(await store.leases.readMembers(), [member('history', '1'), member('matching', '1')]);
});
