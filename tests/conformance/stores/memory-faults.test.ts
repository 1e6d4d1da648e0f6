import assert from 'node:assert/strict';
import test from 'node:test';
import { type Store, StoreFault } from '@duramesh/persistence';
import { MemoryDatabase, type MemoryStoreFaults, noFaults, openMemoryStore } from '@duramesh/persistence/memory';
import { VirtualClock } from '@duramesh/testkit';
import { acquireShard, keyOf, runWrite, write } from './rows.ts';

interface Scene {
  readonly store: Store;
  readonly clock: VirtualClock;
  /** What goes wrong from now on. */
  readonly breakStore: (faults: Partial<MemoryStoreFaults>) => void;
}

function scene(): Scene {
  const clock = new VirtualClock();
  let faults = noFaults;
  const live: MemoryStoreFaults = {
    latencyMs: (operation) => faults.latencyMs(operation),
    answerLatencyMs: (operation) => faults.answerLatencyMs(operation),
    fate: (operation) => faults.fate(operation),
    isDown: () => faults.isDown(),
  };
  const store = openMemoryStore({ clock, faults: live });
  return { store, clock, breakStore: (next) => void (faults = { ...noFaults, ...next }) };
}

const versionOf = async (store: Store): Promise<number> => (await store.executions.readRun(keyOf('w')))?.version ?? 0;

test('a write whose reply is lost is unknown, and has landed at once', async () => {
  const { store, breakStore } = scene();
  const lease = await acquireShard(store);
  breakStore({ fate: () => ({ landsAfterMs: 0 }) });
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('w')))), 'unknown');
  assert.equal(await versionOf(store), 1);
});

test('a write that is lost itself is unknown, and never lands', async () => {
  const { store, clock, breakStore } = scene();
  const lease = await acquireShard(store);
  breakStore({ fate: () => ({ landsAfterMs: undefined }) });
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('w')))), 'unknown');
  await clock.advance(1_000_000);
  assert.equal(await versionOf(store), 0);
});

test('a write that is late lands when its time has come', async () => {
  const { store, clock, breakStore } = scene();
  const lease = await acquireShard(store);
  breakStore({ fate: () => ({ landsAfterMs: 500 }) });
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('w')))), 'unknown');
  await clock.advance(499);
  assert.equal(await versionOf(store), 0);
  await clock.advance(1);
  assert.equal(await versionOf(store), 1);
});

test('a write whose answer is held up has landed long before its caller knows', async () => {
  const { store, clock, breakStore } = scene();
  const lease = await acquireShard(store);
  breakStore({ answerLatencyMs: (operation) => (operation === 'commit' ? 500 : 0) });
  const committed = store.executions.commit(write(lease, runWrite(keyOf('w'))));
  assert.equal(await versionOf(store), 1);
  assert.equal(await Promise.race([committed, clock.advance(499)]), undefined);
  await clock.advance(1);
  assert.equal(await committed, 'committed');
});

test('a new lease fences a write that is still on its way', async () => {
  const { store, clock, breakStore } = scene();
  const lease = await acquireShard(store);
  breakStore({ fate: (operation) => (operation === 'commit' ? { landsAfterMs: 500 } : 'answered') });
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('w')))), 'unknown');
  await acquireShard(store);
  await clock.advance(1000);
  assert.equal(await versionOf(store), 0);
});

test('a write is checked when it arrives, not when it leaves', async () => {
  const { store, clock, breakStore } = scene();
  const lease = await acquireShard(store);
  breakStore({ latencyMs: (operation) => (operation === 'commit' ? 100 : 0) });
  const slow = store.executions.commit(write(lease, runWrite(keyOf('w'))));
  await acquireShard(store);
  assert.equal(await clock.runUntil(slow), 'fenced');
});

test('while the store is down reads are refused, writes are unknown and nothing lands', async () => {
  const { store, breakStore } = scene();
  const lease = await acquireShard(store);
  breakStore({ isDown: () => true });
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('w')))), 'unknown');
  assert.equal(await store.namespaces.delete('id'), 'unknown');
  await assert.rejects(store.executions.readRun(keyOf('w')), StoreFault);
  await assert.rejects(store.leases.acquire('history', [1], 'm'), StoreFault);
  breakStore({});
  assert.equal(await versionOf(store), 0);
});

test('a stalled read comes through when the stall is over', async () => {
  const { store, clock, breakStore } = scene();
  breakStore({ latencyMs: () => 60_000 });
  const startedAt = clock.now();
  assert.equal(await clock.runUntil(store.executions.readRun(keyOf('w'))), undefined);
  assert.equal(clock.now() - startedAt, 60_000);
});

test('the handles of several processes share a database, and a closed one is of no more use', async () => {
  const clock = new VirtualClock();
  const database = new MemoryDatabase();
  const [one, two] = [openMemoryStore({ clock, database }), openMemoryStore({ clock, database })];
  const lease = await acquireShard(one);
  assert.equal(await two.executions.commit(write(lease, runWrite(keyOf('w')))), 'committed');
  await one.close();
  assert.equal(await one.executions.commit(write(lease, runWrite(keyOf('w'), { expectedVersion: 1 }))), 'unknown');
  await assert.rejects(one.executions.readRun(keyOf('w')), /closed/);
  assert.equal(await versionOf(two), 1);
});
