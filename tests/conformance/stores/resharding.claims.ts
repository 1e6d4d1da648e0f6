import assert from 'node:assert/strict';
import { partitionOf, workflowKey } from '@duramesh/contracts';
import { changeShards } from '@duramesh/membership';
import type { ExecutionKey, Store } from '@duramesh/persistence';
import { everyStore, type Opened } from './drivers.ts';
import { acquireShard, bytes, commit, keyOf, NAMESPACE, plain, runWrite, visibilityRow, write } from './rows.ts';

const BEFORE = 8;
const AFTER = 13;
const RUNS = 60;
const FACTS = { clusterId: 'id', clusterName: 'test', historyShards: BEFORE, matchingSlots: 4 };

const shardOf = ({ namespaceId, workflowId }: ExecutionKey, shards: number): number =>
  partitionOf(workflowKey(namespaceId, workflowId), shards);

const keys = Array.from({ length: RUNS }, (_, i) =>
  keyOf(`w-${i}`, undefined, i % 7 === 0 ? `${NAMESPACE}/kind` : NAMESPACE),
);

/** Runs of which some wait for work and some for a time, with all that belongs to a run. */
async function fill(store: Store): Promise<void> {
  await store.cluster.readOrCreate(FACTS);
  for (const [i, key] of keys.entries()) {
    const lease = await acquireShard(store, shardOf(key, BEFORE));
    const run = runWrite(key, {
      info: bytes(i),
      upserts: [{ kind: 1, key: 'item', data: bytes(i) }],
      history: [{ firstEventId: 1, lastEventId: 2, data: bytes(i, i) }],
      wakeAtMs: i % 3 === 0 ? 5_000 + i : 0,
      outstanding: i % 2 === 0,
      visibility: visibilityRow(key),
    });
    const pointer = {
      namespaceId: key.namespaceId,
      workflowId: key.workflowId,
      expectedRunId: undefined,
      runId: key.runId,
    };
    const result = await store.executions.commit({ lease, runs: [run], current: pointer });
    assert.equal(result, 'committed');
  }
}

const everyShard = (shards: number): number[] => Array.from({ length: shards }, (_, i) => i);

/** Everything is where a server with so many shards looks for it. */
async function assertWhole(store: Store, shards: number): Promise<void> {
  const names = (runs: readonly { readonly key: ExecutionKey }[]): string[] =>
    runs.map(({ key }) => key.workflowId).toSorted();
  const wanted = (isIt: (i: number) => boolean): string[] =>
    names(keys.flatMap((key, i) => (isIt(i) ? [{ key }] : [])));
  const outstanding: { readonly key: ExecutionKey }[] = [];
  const due: { readonly key: ExecutionKey }[] = [];
  for (const shard of everyShard(shards)) {
    const here = [
      ...(await store.executions.readOutstanding([shard], undefined, RUNS)),
      ...(await store.executions.readDue([shard], 10_000, RUNS)),
    ];
    for (const { key } of here) assert.equal(shardOf(key, shards), shard, key.workflowId);
    outstanding.push(...(await store.executions.readOutstanding([shard], undefined, RUNS)));
    due.push(...(await store.executions.readDue([shard], 10_000, RUNS)));
  }
  assert.deepEqual(
    names(outstanding),
    wanted((i) => i % 2 === 0),
  );
  assert.deepEqual(
    names(due),
    wanted((i) => i % 3 === 0),
  );
  for (const [i, key] of keys.entries()) {
    assert.equal((await store.inspection.run(key))?.partition, shardOf(key, shards));
    const run = await store.executions.readRun(key);
    assert.deepEqual([plain(run?.info), plain(run?.items[0]?.data)], [[i], [i]]);
    assert.equal(await store.executions.readCurrentRunId(key.namespaceId, key.workflowId), key.runId);
    const lease = await acquireShard(store, shardOf(key, shards));
    await commit(
      store,
      lease,
      runWrite(key, {
        expectedVersion: run?.version ?? 0,
        info: bytes(i),
        outstanding: i % 2 === 0,
        wakeAtMs: i % 3 === 0 ? 5_000 + i : 0,
      }),
    );
  }
  assert.deepEqual(await store.inspection.orphans(10), []);
}

/** Cassandra keeps the number of shards that it began with. */
const everyStoreOfChangingShards = (claim: string, run: (opened: Opened) => Promise<void>): void =>
  everyStore(claim, run, ({ name }) => name !== 'cassandra');

everyStoreOfChangingShards(
  'the number of shards changes, up and down, and every run is found with all that is its own',
  async ({ store }) => {
    await fill(store);
    const outcome = await changeShards(store, { shards: AFTER });
    assert.ok(
      outcome.kind === 'changed' && outcome.from === BEFORE && outcome.runs === RUNS && outcome.moved > RUNS / 2,
    );
    assert.deepEqual(await store.cluster.read(), { ...FACTS, historyShards: AFTER });
    await assertWhole(store, AFTER);
    assert.equal((await changeShards(store, { shards: AFTER })).kind, 'same');
    assert.equal((await changeShards(store, { shards: 1 })).kind, 'changed');
    await assertWhole(store, 1);
  },
);

everyStoreOfChangingShards(
  'a change of the shards that was cut short keeps servers away, and is made from its beginning',
  async ({ store }) => {
    await fill(store);
    // As if its process had ended before the last step.
    const broken = { ...store, resharding: { ...stepsOf(store), finish: cutShort } };
    await assert.rejects(changeShards(broken, { shards: 5 }), /cut short/);
    assert.deepEqual(await store.cluster.read(), { ...FACTS, shardsWanted: 5 });
    assert.equal((await changeShards(store, { shards: AFTER })).kind, 'changed');
    assert.deepEqual(await store.cluster.read(), { ...FACTS, historyShards: AFTER });
    await assertWhole(store, AFTER);
  },
);

everyStoreOfChangingShards(
  'the shards do not change while a server lives, and one that was silent may not write afterwards',
  async ({ store }) => {
    await fill(store);
    const [first] = keys;
    assert.ok(first);
    const lease = await acquireShard(store, shardOf(first, BEFORE));
    const member = { service: 'history', memberId: 'm', address: 'a:1' };
    await store.leases.heartbeat(member, 60_000);
    assert.deepEqual(await changeShards(store, { shards: AFTER }), { kind: 'inUse', members: [member] });
    assert.deepEqual(await store.cluster.read(), FACTS);
    await store.leases.leave(member);
    await changeShards(store, { shards: AFTER });
    assert.equal(await store.executions.commit(write(lease, runWrite(first, { expectedVersion: 1 }))), 'fenced');
  },
);

everyStoreOfChangingShards('the shards of a database that no server has used cannot be changed', async ({ store }) => {
  assert.deepEqual(await changeShards(store, { shards: AFTER }), { kind: 'unused' });
});

function stepsOf({ resharding }: Store): NonNullable<Store['resharding']> {
  assert.ok(resharding);
  return {
    begin: (shards) => resharding.begin(shards),
    move: (moves) => resharding.move(moves),
    finish: (shards) => resharding.finish(shards),
  };
}

async function cutShort(): Promise<never> {
  throw new Error('cut short');
}
