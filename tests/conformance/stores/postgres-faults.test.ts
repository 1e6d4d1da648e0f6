import assert from 'node:assert/strict';
import test from 'node:test';
import { openStore, type Store } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { haltProcesses } from '../../support/signals.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { silent } from './drivers.ts';
import { type PostgresPlace, postgresPlace } from './postgres.ts';
import { acquireShard, bytes, commit, keyOf, runWrite, write } from './rows.ts';

type Context = { after(run: () => Promise<void>): void };

interface Scene {
  readonly place: PostgresPlace;
  readonly store: Store;
}

/** A store on a database of its own; `parameters` go into its URL. */
async function scene(t: Context, parameters = ''): Promise<Scene> {
  const place = await postgresPlace();
  const store = await openStore(`${place.url}${parameters}`, { clock: systemClock, logger: silent });
  t.after(() => store.close());
  return { place, store };
}

/** Keeps the lease of shard 1 locked, as a transaction does that takes long. */
async function lockedLease(
  { server, database }: PostgresPlace,
  change = 'SELECT 1',
): Promise<{ end(): Promise<void> }> {
  const session = await server.session(database);
  await session.query('BEGIN');
  await session.query(`SELECT * FROM leases WHERE kind = 'history' AND partition = 1 FOR UPDATE`);
  await session.query(change);
  return {
    async end() {
      await session.query('COMMIT');
      await session.end();
    },
  };
}

/** Resolves when a statement of the store waits for a lock. @returns the process that does */
const waiting = ({ server, database }: PostgresPlace): Promise<number> =>
  until(
    async () => {
      const [row] = await server.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = '${database}' AND application_name = 'duramesh'
           AND wait_event_type = 'Lock'`,
      );
      return Number(row?.['pid'] ?? 0);
    },
    { what: 'a statement waits for a lock', withinMs: 5_000 },
  );

const versionOf = async (store: Store, id: string): Promise<number> =>
  (await store.executions.readRun(keyOf(id)))?.version ?? 0;

test('a write whose answer is lost on the way is unknown, and a new lease tells that it landed', async (t) => {
  const place = await postgresPlace();
  const proxy = await startTcpProxy(place.server.port);
  t.after(() => proxy.close());
  const url = `postgres://postgres@127.0.0.1:${proxy.port}/${place.database}`;
  const store = await openStore(url, { clock: systemClock, logger: silent });
  t.after(() => store.close());
  const lease = await acquireShard(store);
  const sent = proxy.withholdAnswers();
  const result = store.executions.commit(write(lease, runWrite(keyOf('w'))));
  await sent;
  const hasLanded = async (): Promise<boolean> =>
    (await place.server.query('SELECT 1 FROM executions', place.database)).length > 0;
  await until(hasLanded, { what: 'the write lands', withinMs: 5_000 });
  proxy.cut();
  assert.equal(await result, 'unknown');
  const next = await acquireShard(store);
  assert.equal(next.rangeId, lease.rangeId + 1);
  assert.equal(await versionOf(store, 'w'), 1);
  await commit(store, next, runWrite(keyOf('w'), { expectedVersion: 1 }));
});

test('a write whose connection the server ends is unknown, has not landed, and the next one finds a new connection', async (t) => {
  const { place, store } = await scene(t);
  const lease = await acquireShard(store);
  const lock = await lockedLease(place);
  const result = store.executions.commit(write(lease, runWrite(keyOf('w'))));
  await place.server.query(`SELECT pg_terminate_backend(${await waiting(place)})`);
  assert.equal(await result, 'unknown');
  await lock.end();
  assert.equal(await versionOf(store, 'w'), 0);
  await commit(store, lease, runWrite(keyOf('w')));
});

test('a write that waits for a lock for too long is tried again until it is had', async (t) => {
  const { place, store } = await scene(t, '?statement_timeout_ms=400');
  const lease = await acquireShard(store);
  const lock = await lockedLease(place);
  const result = store.executions.commit(write(lease, runWrite(keyOf('w'))));
  const first = await waiting(place);
  const isTriedAgain = async (): Promise<boolean> => {
    const [row] = await place.server.query(`SELECT query_start < now() - interval '300 ms' AS old FROM pg_stat_activity
      WHERE pid = ${first} AND state <> 'active'`);
    return row !== undefined;
  };
  await until(isTriedAgain, { what: 'the first attempt is given up', withinMs: 5_000 });
  await lock.end();
  assert.equal(await result, 'committed');
  assert.equal(await versionOf(store, 'w'), 1);
});

test('writes that never get their lock are unknown after a bounded time, and have not landed', async (t) => {
  const { place, store } = await scene(t, '?statement_timeout_ms=400');
  const lease = await acquireShard(store);
  const lock = await lockedLease(place);
  const ids = ['a', 'b', 'c', 'd'];
  const startedAt = performance.now();
  const results = await Promise.all(ids.map((id) => store.executions.commit(write(lease, runWrite(keyOf(id))))));
  assert.deepEqual(new Set(results), new Set(['unknown']));
  assert.ok(performance.now() - startedAt < 10_000, 'they wait together');
  await lock.end();
  assert.deepEqual(await Promise.all(ids.map((id) => versionOf(store, id))), [0, 0, 0, 0]);
});

test('a lease that changes hands while a write waits for it fences the write', async (t) => {
  const { place, store } = await scene(t);
  const lease = await acquireShard(store);
  const lock = await lockedLease(place, `UPDATE leases SET range_id = range_id + 1 WHERE partition = 1`);
  const result = store.executions.commit(write(lease, runWrite(keyOf('w'))));
  await waiting(place);
  await lock.end();
  assert.equal(await result, 'fenced');
  assert.equal(await versionOf(store, 'w'), 0);
});

test('who acquires a lease waits for the write under way, so that it lands before or never', async (t) => {
  const { place, store } = await scene(t);
  const lease = await acquireShard(store);
  const other = await openStore(place.url, { clock: systemClock, logger: silent });
  t.after(() => other.close());
  const results = Array.from({ length: 200 }, (_, i) =>
    store.executions.commit(write(lease, runWrite(keyOf(`w${i}`)))).then((result) => [i, result] as const),
  );
  const next = await acquireShard(other);
  const landed = await Promise.all(Array.from({ length: 200 }, (_, i) => versionOf(other, `w${i}`)));
  for (const [i, result] of await Promise.all(results)) {
    assert.equal(result, landed[i] === 1 ? 'committed' : 'fenced', `write ${i}`);
  }
  await commit(other, next, runWrite(keyOf('next')));
});

test('a serialization failure undoes the write, which is then tried again', async (t) => {
  const place = await postgresPlace();
  const { server, database } = place;
  await server.query(`ALTER DATABASE ${database} SET default_transaction_isolation = 'repeatable read'`);
  const store = await openStore(place.url, { clock: systemClock, logger: silent });
  t.after(() => store.close());
  const lease = await acquireShard(store);
  const lock = await lockedLease(place, `UPDATE leases SET member_id = 'same-range' WHERE partition = 1`);
  const { statements } = store.stats;
  const result = store.executions.commit(write(lease, runWrite(keyOf('w'))));
  await waiting(place);
  await lock.end();
  assert.equal(await result, 'committed');
  assert.ok(store.stats.statements - statements >= 2, 'the first attempt was undone');
});

test('a deadlock with another program undoes one of both, and the write comes through', async (t) => {
  const { place, store } = await scene(t);
  const { server, database } = place;
  const leases = await store.leases.acquire('history', [1, 2], 'm');
  const [one, two] = leases;
  assert.ok(one && two);
  const session = await server.session(database);
  await session.query('BEGIN');
  await session.query(`SELECT * FROM leases WHERE partition = 2 FOR UPDATE`);
  const results = [one, two].map((lease) =>
    store.executions.commit(write(lease, runWrite(keyOf(`w${lease.partition}`)))),
  );
  await waiting(place);
  await session.query(`SELECT * FROM leases WHERE partition = 1 FOR UPDATE`).catch(() => undefined);
  await session.query('ROLLBACK');
  await session.end();
  assert.deepEqual(await Promise.all(results), ['committed', 'committed']);
  const hadDeadlock = async (): Promise<boolean> => {
    const [row] = await server.query(`SELECT deadlocks FROM pg_stat_database WHERE datname = '${database}'`);
    return Number(row?.['deadlocks']) > 0;
  };
  await until(hadDeadlock, { what: 'the deadlock is counted', withinMs: 10_000 });
});

test('a server that became read-only lets nothing through, and all goes on when it takes writes again', async (t) => {
  const { place, store } = await scene(t);
  const { server, database } = place;
  const lease = await acquireShard(store);
  const set = async (value: string): Promise<void> => {
    await server.query(`ALTER DATABASE ${database} SET default_transaction_read_only = ${value}`);
    await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'duramesh'`);
  };
  await set('on');
  // The broken connection is found out by the first write.
  await store.executions.commit(write(lease, runWrite(keyOf('w'))));
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('w')))), 'unknown');
  await assert.rejects(store.leases.acquire('history', [1], 'm'), /takes no writes/);
  await assert.rejects(openStore(place.url, { clock: systemClock, logger: silent }), /takes no writes/);
  assert.equal(await versionOf(store, 'w'), 0);
  await set('off');
  await until(async () => (await acquireShard(store)).rangeId > lease.rangeId, {
    what: 'leases can be had',
    withinMs: 5_000,
  });
  await commit(store, await acquireShard(store), runWrite(keyOf('w')));
});

test('a broken invariant in one write is thrown to its caller and leaves its neighbours alone', async (t) => {
  const { store } = await scene(t);
  const lease = await acquireShard(store);
  const batch = { firstEventId: 1, lastEventId: 1, data: bytes(1) };
  const results = await Promise.allSettled([
    store.executions.commit(write(lease, runWrite(keyOf('a')))),
    store.executions.commit(write(lease, runWrite(keyOf('b'), { history: [batch, batch] }))),
    store.executions.commit(write(lease, runWrite(keyOf('c')))),
  ]);
  assert.deepEqual(
    results.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((id) => versionOf(store, id))), [1, 0, 1]);
});

test('a server that does not answer leaves a write unknown after a bounded time', { timeout: 30_000 }, async (t) => {
  const { place, store } = await scene(t, '?statement_timeout_ms=500');
  const lease = await acquireShard(store);
  const pids = (await place.server.query('SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()')).map((row) =>
    Number(row['pid']),
  );
  await haltProcesses(...pids);
  const startedAt = performance.now();
  const result = await store.executions.commit(write(lease, runWrite(keyOf('w'))));
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  assert.equal(result, 'unknown');
  assert.ok(performance.now() - startedAt < 15_000);
  await commit(store, await acquireShard(store), runWrite(keyOf('x')));
});

test('texts that PostgreSQL has no place for come back as they were', async (t) => {
  const { store } = await scene(t);
  const lease = await acquireShard(store);
  const key = keyOf('nul \0 in "it" \\ {a,b} NULL', '\0');
  await commit(store, lease, runWrite(key, { upserts: [{ kind: 1, key: '\0', data: bytes(0) }], outstanding: true }));
  assert.deepEqual((await store.executions.readRun(key))?.items[0]?.key, '\0');
  assert.deepEqual((await store.executions.readOutstanding([1], undefined, 9))[0]?.key, key);
});

test('closing flushes what is queued; afterwards writes are unknown and reads are refused', async () => {
  const place = await postgresPlace();
  const store = await openStore(place.url, { clock: systemClock, logger: silent });
  const lease = await acquireShard(store);
  const queued = store.executions.commit(write(lease, runWrite(keyOf('w'))));
  await store.close();
  await store.close();
  assert.equal(await queued, 'committed');
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('x')))), 'unknown');
  await assert.rejects(store.executions.readRun(keyOf('w')), /was closed/);
  await assert.rejects(store.leases.acquire('history', [1], 'm'), /closed/);
});
