import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Lease, openSchemaTool, openStore, type Store, StoreFault } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { type CassandraServer, startCassandraServer } from '../../support/cassandra-server.ts';
import { freePortBlock } from '../../support/free-ports.ts';
import { until } from '../../support/until.ts';
import { silent } from './drivers.ts';
import { acquireShard, bytes, commit, keyOf, NAMESPACE, plain, runWrite, visibilityRow, write } from './rows.ts';

const PASSWORD = 'cassandra';
const KILLS = 2;
/** A query that meets more of them fails; a server allows 100,000 unless told. */
const MAX_TOMBSTONES = 1_000;
const options = { clock: systemClock, logger: silent };
const everything = { where: undefined, groupBy: undefined };
const wholeHistory = { fromEventId: 1, untilEventId: 100, maxBatches: 100 };

let started: CassandraServer | undefined;
let keyspaces = 0;

before(async () => {
  started = await startCassandraServer({
    durable: true,
    login: true,
    settings: { commitlog_segment_size: '8MiB', tombstone_failure_threshold: MAX_TOMBSTONES },
  });
});
after(() => started?.stop());

function server(): CassandraServer {
  if (started === undefined) throw new Error('the server has not been started');
  return started;
}

const newName = (): string => `faults_${keyspaces++}`;

const urlOf = (keyspace: string, user = `cassandra:${PASSWORD}`, parameters = ''): string =>
  server()
    .url(keyspace, parameters)
    .replace(/\/\/.*@/, `//${user}@`);

async function update(keyspace: string): Promise<void> {
  const tool = await openSchemaTool(urlOf(keyspace), options);
  try {
    await tool.update(() => {});
  } finally {
    await tool.close();
  }
}

/** Stores in one new keyspace, closed when the test is over. */
async function openNew(
  t: { after(run: () => Promise<void>): void },
  parameters: string,
  count = 1,
): Promise<readonly Store[]> {
  const keyspace = newName();
  await update(keyspace);
  const stores: Store[] = [];
  for (let i = 0; i < count; i++) stores.push(await openStore(urlOf(keyspace, undefined, parameters), options));
  t.after(async () => void (await Promise.all(stores.map((store) => store.close()))));
  return stores;
}

const fault = (code: StoreFault['code'], message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreFault, String(error));
  assert.match(error.message, message);
  assert.equal(error.code, code);
  assert.doesNotMatch(error.message, new RegExp(`\n|:${PASSWORD}@|wrong-secret`));
  return true;
};

async function schemaState(keyspace: string): Promise<string> {
  const tool = await openSchemaTool(urlOf(keyspace), options);
  try {
    return (await tool.status()).state;
  } finally {
    await tool.close();
  }
}

test('a store opens only on a schema that is whole and known, and says what to do about any other', async () => {
  const keyspace = newName();
  const versions = (done: number, begun: number, stamp: number): Promise<unknown> =>
    server().query(
      `UPDATE ${keyspace}.duramesh_schema USING TIMESTAMP ${stamp} SET done = ${done}, begun = ${begun}
       WHERE id = 'duramesh_schema'`,
    );
  const refused = (message: RegExp): Promise<void> =>
    assert.rejects(openStore(urlOf(keyspace), options), fault('schema', message));
  await refused(/run duramesh schema setup/);
  await update(keyspace);
  await update(keyspace);
  assert.equal(await schemaState(keyspace), 'current');
  await versions(0, 1, 10);
  await refused(/interrupted: run duramesh schema update/);
  await versions(98, 99, 11);
  await refused(/start a newer server/);
  await versions(2, 2, 12);
  await server().query(`DROP TABLE ${keyspace}.wakes`);
  await refused(/lacks the tables wakes/);
  await assert.rejects(update(keyspace), fault('schema', /lacks the tables wakes/));
  await server().query(`DROP TABLE ${keyspace}.duramesh_schema`);
  await refused(/belongs to another program/);
});

test('an update that was interrupted goes on where it stopped', async () => {
  const keyspace = newName();
  await update(keyspace);
  await server().run(['wakes', 'members'].map((name) => `DROP TABLE ${keyspace}.${name}`));
  await server().query(`DELETE done FROM ${keyspace}.duramesh_schema USING TIMESTAMP 5 WHERE id = 'duramesh_schema'`);
  assert.equal(await schemaState(keyspace), 'partial');
  await server().query(`DROP TABLE ${keyspace}.duramesh_schema`);
  await server().query(`CREATE TABLE ${keyspace}.duramesh_schema (id text PRIMARY KEY, done int, begun int)`);
  assert.equal(await schemaState(keyspace), 'partial');
  await update(keyspace);
  await (await openStore(urlOf(keyspace), options)).close();
});

test('a database that will not have us, or is not there, is named in one line', async () => {
  const keyspace = newName();
  await update(keyspace);
  const opening = (url: string): Promise<Store> => openStore(url, options);
  await assert.rejects(
    opening(urlOf(keyspace, 'cassandra:wrong-secret')),
    fault('refused', /refuses the user or password/),
  );
  await assert.rejects(
    opening(urlOf(keyspace, 'nobody:wrong-secret')),
    fault('refused', /refuses the user or password/),
  );
  await server().query(`CREATE ROLE IF NOT EXISTS guest WITH PASSWORD = 'guest' AND LOGIN = true`);
  await assert.rejects(opening(urlOf(keyspace, 'guest:guest')), fault('refused', /rights.*grant/));
  const elsewhere = urlOf(keyspace, undefined, '?datacenter=moon');
  await assert.rejects(opening(elsewhere), fault('refused', /datacenter/));
  const nowhere = urlOf(keyspace).replace(String(server().port), String(await freePortBlock([0])));
  await assert.rejects(opening(nowhere), fault('unavailable', /cannot be reached/));
});

test('what a former owner wrote ahead of a batch that was fenced is shown by nothing', async (t) => {
  const [old, owner] = await openNew(t, '', 2);
  assert.ok(old && owner);
  const key = keyOf('w');
  const batch = (value: number, last: number) => ({ firstEventId: 1, lastEventId: last, data: bytes(value) });
  const oldLease = await acquireShard(old);
  const lease = await acquireShard(owner);
  const late = runWrite(key, {
    history: [batch(66, 1), { ...batch(67, 2), firstEventId: 2 }],
    wakeAtMs: 10,
    outstanding: true,
    visibility: visibilityRow(key, { startTimeMs: 5 }),
  });
  const lost = runWrite(keyOf('lost'), { ...late, key: keyOf('lost'), visibility: visibilityRow(keyOf('lost')) });
  assert.equal(await old.executions.commit(write(oldLease, late)), 'fenced');
  assert.equal(await old.executions.commit(write(oldLease, lost)), 'fenced');
  assert.deepEqual(await owner.executions.readOutstanding([1], undefined, 9), []);
  assert.deepEqual(await owner.executions.readDue([1], 99, 9), []);
  await commit(owner, lease, runWrite(key, { history: [batch(1, 2)], visibility: visibilityRow(key) }));
  assert.equal(await old.executions.commit(write(oldLease, late)), 'fenced');
  for (const store of [old, owner]) {
    const history = await store.executions.readHistory(key, wholeHistory);
    assert.deepEqual(
      history.map(({ lastEventId, data }) => [lastEventId, plain(data)]),
      [[2, [1]]],
    );
    const { rows } = await store.visibility.list(NAMESPACE, everything, { size: 9, after: undefined });
    assert.deepEqual(
      rows.map((row) => [row.workflowId, row.startTimeMs]),
      [['w', 1000]],
    );
  }
});

/** Everything that can be told of a run's last commit is of the same one. */
async function assertWhole(store: Store, id: string): Promise<number> {
  const run = await store.executions.readRun(keyOf(id));
  const history = await store.executions.readHistory(keyOf(id), wholeHistory);
  assert.equal(history.length, run?.version ?? 0, `${id} has a batch of history for each version`);
  return run?.version ?? 0;
}

const nextVersion = (id: string, version: number) =>
  runWrite(keyOf(id), {
    expectedVersion: version,
    history: [{ firstEventId: version + 1, lastEventId: version + 1, data: bytes(version) }],
  });

test('a server that hangs leaves writes unknown in bounded time; a new lease settles them, and they are whole', async (t) => {
  const [store] = await openNew(t, '?statement_timeout_ms=700');
  assert.ok(store);
  const lease = await acquireShard(store);
  await commit(store, lease, nextVersion('a', 0));
  await commit(store, lease, runWrite(keyOf('bare')));
  const frozenAt = performance.now();
  await server().kill('SIGSTOP');
  t.after(() => server().kill('SIGCONT'));
  const pending = [
    store.executions.commit(write(lease, nextVersion('a', 1))),
    store.executions.commit(write(lease, nextVersion('b', 0))),
  ];
  const reading = store.executions.readRun(keyOf('a'));
  await assert.rejects(reading, fault('unavailable', /does not answer in time/));
  assert.deepEqual(await Promise.all(pending), ['unknown', 'unknown']);
  // It needs nothing but the batch itself, whose reply is lost.
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('bare'), { expectedVersion: 1 }))), 'unknown');
  assert.ok(performance.now() - frozenAt < 15_000, 'nothing waits for ever');
  await server().kill('SIGCONT');
  const next = await acquireShard(store);
  for (const id of ['a', 'b']) await commit(store, next, nextVersion(id, await assertWhole(store, id)));
  const bare = (await store.executions.readRun(keyOf('bare')))?.version ?? 0;
  await commit(store, next, runWrite(keyOf('bare'), { expectedVersion: bare }));
  assert.equal(await store.executions.commit(write(lease, nextVersion('a', 1))), 'fenced');
});

test('a batch that the server gives up on is unknown, one that no server takes is refused, and others commit', async (t) => {
  const [store] = await openNew(t, '?statement_timeout_ms=4000');
  assert.ok(store);
  const lease = await acquireShard(store);
  const ofSize = (id: string, bytesOfInfo: number) => runWrite(keyOf(id), { info: new Uint8Array(bytesOfInfo) });
  await assert.rejects(
    store.executions.commit(write(lease, ofSize('huge', 16_000_000))),
    fault('full', /too large for Cassandra/),
  );
  // More than half a segment of this server's log: it answers with a time-out.
  assert.equal(await store.executions.commit(write(lease, ofSize('large', 5_000_000))), 'unknown');
  const next = await acquireShard(store);
  assert.equal(await store.executions.readRun(keyOf('large')), undefined);
  await commit(store, next, ofSize('large', 1_000_000));
});

test('a backlog that was worked off is read and counted, however many tasks it had', async (t) => {
  const [store] = await openNew(t, '');
  assert.ok(store);
  const [lease] = await store.leases.acquire('matching', [3], 'm');
  assert.ok(lease);
  const task = (taskId: number) => ({
    taskId,
    dedupeKey: `task-${taskId}`,
    level: 3,
    pass: taskId,
    fairnessKey: 'key',
    data: bytes(1),
    expiresMs: 0,
  });
  const PORTION = 300;
  for (let first = 1; first < 2 * MAX_TOMBSTONES; first += PORTION) {
    const tasks = Array.from({ length: PORTION }, (_, i) => task(first + i));
    assert.equal(await store.taskQueues.append(lease, 'q', tasks), 'committed');
    const done = tasks.slice(0, -1).map(({ taskId }) => taskId);
    // The last of each portion stays for a while, so that the next one does not begin at the front.
    if (first > 1) done.push(first - 1);
    assert.equal(await store.taskQueues.remove(lease, 'q', done), 'committed');
  }
  const left = await store.taskQueues.read('q', 3, { after: { pass: -1, taskId: 0 }, limit: 10 });
  assert.deepEqual(
    left.map(({ taskId }) => taskId % PORTION),
    [0],
  );
  assert.deepEqual([...(await store.taskQueues.countByLevel('q'))], [[3, 1]]);
  assert.equal(await store.taskQueues.lastPass('q', 3, 'key'), left[0]?.pass);
});

/** The write that brings a run to its next version; the first makes it and the third closes it. */
function nextOf(id: string, version: number) {
  const row = version === 2 ? { closeTimeMs: 2000 } : {};
  return { ...nextVersion(id, version), visibility: version === 1 ? undefined : visibilityRow(keyOf(id), row) };
}

/** Makes runs and closes them until it is told to stop: an owner that takes a new lease, and looks, when it does not know. */
async function ownShard(store: Store, shard: number, load: { acknowledged: Map<string, number>; isOver: boolean }) {
  let lease: Lease | undefined;
  for (let i = 0; !load.isOver; i++) {
    const id = `s${shard}-${i}`;
    let version = 0;
    while (version < 3 && !load.isOver) {
      try {
        if (lease === undefined) {
          lease = await acquireShard(store, shard);
          version = await assertWhole(store, id);
          continue;
        }
        const result = await store.executions.commit(write(lease, nextOf(id, version)));
        if (result === 'committed') load.acknowledged.set(id, (version += 1));
        else {
          assert.equal(result, 'unknown');
          lease = undefined;
        }
      } catch (error) {
        assert.ok(error instanceof StoreFault, String(error));
        lease = undefined;
        await systemClock.sleep(50);
      }
    }
  }
}

test(
  'a server that is killed under load loses nothing it acknowledged, and the store goes on when it is back',
  { timeout: 300_000 },
  async (t) => {
    const [store] = await openNew(t, '?statement_timeout_ms=3000');
    assert.ok(store);
    const running = { acknowledged: new Map<string, number>(), isOver: false };
    const owners = Promise.all([1, 2, 3, 4].map((shard) => ownShard(store, shard, running)));
    const moreRuns = (): Promise<unknown> => {
      const enough = running.acknowledged.size + 20;
      const isThere = (): boolean => running.acknowledged.size >= enough;
      return Promise.race([owners, until(isThere, { what: 'the load goes on', withinMs: 120_000 })]);
    };
    for (let round = 1; round <= KILLS; round++) {
      await moreRuns();
      await server().kill('SIGKILL');
      await server().restart();
    }
    await moreRuns();
    running.isOver = true;
    await owners;
    let closed = 0;
    for (const [id, version] of running.acknowledged) {
      const stored = await assertWhole(store, id);
      assert.ok(stored >= version, `${id} was acknowledged at version ${version} and is at ${stored}`);
      if (stored === 3) closed += 1;
    }
    const { rows } = await store.visibility.list(NAMESPACE, everything, { size: 10_000, after: undefined });
    const ids = rows.map((row) => row.workflowId);
    assert.equal(new Set(ids).size, ids.length, 'each run is listed once');
    for (const id of running.acknowledged.keys()) assert.ok(ids.includes(id), `${id} is listed`);
    assert.ok(rows.filter((row) => row.closeTimeMs !== undefined).length >= closed, 'closed runs are listed as closed');
    for (const { workflowId } of rows) assert.ok((await assertWhole(store, workflowId)) > 0, `${workflowId} is a run`);
    t.diagnostic(`${running.acknowledged.size} runs acknowledged`);
  },
);
