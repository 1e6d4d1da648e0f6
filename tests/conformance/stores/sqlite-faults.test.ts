import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { type CommitResult, openStore, type RunWrite, type Store, StoreFault } from '@duramesh/persistence';
import { openSqliteStore } from '@duramesh/persistence/sqlite';
import { NamespaceRecord } from '@duramesh/proto';
import type { Clock } from '@duramesh/runtime';
import { systemClock } from '@duramesh/runtime/system';
import { VirtualClock } from '@duramesh/testkit';
import { silent, temporaryFolder } from './drivers.ts';
import { acquireShard, bytes, commit, keyOf, runWrite, write } from './rows.ts';

type Context = Parameters<typeof temporaryFolder>[0];

const open = (file: string, clock: Clock = new VirtualClock()): Promise<Store> =>
  openStore(`sqlite:${file}`, { clock, logger: silent });

const fileIn = (t: Context): string => path.join(temporaryFolder(t), 'store.db');

/** A second program that has the file open. */
function withFile<T>(file: string, use: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

const fault = (code: StoreFault['code'], message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreFault);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  assert.equal(error.message.includes('\n'), false);
  return true;
};

test('what was committed is there when the file is opened again', async (t) => {
  const file = fileIn(t);
  const first = await open(file);
  const lease = await acquireShard(first);
  await commit(first, lease, runWrite(keyOf('w'), { info: bytes(7) }));
  await first.close();
  const second = await open(file);
  assert.deepEqual([...((await second.executions.readRun(keyOf('w')))?.info ?? [])], [7]);
  assert.equal((await acquireShard(second)).rangeId, 2);
  await second.close();
});

test('a run that another process has written meanwhile is looked at anew, and so is one whose write was rolled back', async (t) => {
  const file = fileIn(t);
  const [one, other] = [await open(file), await open(file)];
  const lease = await acquireShard(one);
  const write = async (store: Store, expectedVersion: number, fields: Partial<RunWrite> = {}): Promise<CommitResult> =>
    store.executions.commit({
      lease,
      runs: [runWrite(keyOf('w'), { expectedVersion, ...fields })],
      current: undefined,
    });
  assert.equal(await write(one, 0), 'committed');
  assert.equal(await write(one, 1), 'committed');
  assert.equal(await write(other, 2), 'committed');
  assert.equal(await write(one, 2), 'conflict');
  assert.equal(await write(one, 3), 'committed');
  // The same batch of history twice: its transaction fails after the run was written.
  const history = [{ firstEventId: 1, lastEventId: 1, data: bytes(1) }];
  assert.equal(await write(one, 4, { history }), 'committed');
  await assert.rejects(write(one, 5, { history }));
  assert.equal(await write(one, 5), 'committed');
  await one.close();
  await other.close();
});

test('closing flushes what is queued; afterwards writes are unknown and reads are refused', async (t) => {
  const file = fileIn(t);
  const store = await open(file);
  const lease = await acquireShard(store);
  const queued = store.executions.commit(write(lease, runWrite(keyOf('w'))));
  await store.close();
  await store.close();
  assert.equal(await queued, 'committed');
  assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('x')))), 'unknown');
  await assert.rejects(store.executions.readRun(keyOf('w')), fault('unavailable', /was closed/));
  await assert.rejects(store.leases.acquire('history', [1], 'm'), fault('unavailable', /closed/));
});

test('a write waits for the lock of another process and then commits', async (t) => {
  const file = fileIn(t);
  const clock = new VirtualClock();
  const store = await open(file, clock);
  const lease = await acquireShard(store);
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  const commits = [1, 2, 3].map((i) => store.executions.commit(write(lease, runWrite(keyOf(`w${i}`)))));
  await clock.advance(1000);
  assert.equal(await store.executions.readRun(keyOf('w1')), undefined);
  other.exec('COMMIT');
  assert.deepEqual(await clock.runUntil(Promise.all(commits)), ['committed', 'committed', 'committed']);
  other.close();
  await store.close();
});

test('a write that finds the file locked for too long is unknown, and the next one commits', async (t) => {
  const file = fileIn(t);
  const clock = new VirtualClock();
  const store = await open(file, clock);
  const lease = await acquireShard(store);
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  const startedAt = clock.now();
  assert.equal(await clock.runUntil(store.executions.commit(write(lease, runWrite(keyOf('w'))))), 'unknown');
  assert.ok(clock.now() - startedAt >= 5000 && clock.now() - startedAt < 6000);
  const acquired = clock.runUntil(store.leases.acquire('history', [1], 'm'));
  await assert.rejects(acquired, fault('unavailable', /locked by another process/));
  other.exec('ROLLBACK');
  other.close();
  assert.equal(await store.executions.readRun(keyOf('w')), undefined);
  await commit(store, lease, runWrite(keyOf('w')));
  await store.close();
});

test('two processes write one file in turns and see each other at once', async (t) => {
  const file = fileIn(t);
  const stores = [await open(file, systemClock), await open(file, systemClock)];
  const [one, two] = stores;
  assert.ok(one && two);
  const leases = [await acquireShard(one, 1), await acquireShard(two, 2)];
  const writes = Array.from({ length: 60 }, (_, i) => {
    const [store, lease] = [stores[i % 2], leases[i % 2]];
    assert.ok(store && lease);
    return store.executions.commit(write(lease, runWrite(keyOf(`w${i}`))));
  });
  assert.deepEqual(new Set(await Promise.all(writes)), new Set(['committed']));
  for (let i = 0; i < 60; i++) assert.equal((await one.executions.readRun(keyOf(`w${i}`)))?.version, 1);
  const [old] = leases;
  assert.ok(old);
  await acquireShard(two, 1);
  assert.equal(await one.executions.commit(write(old, runWrite(keyOf('late')))), 'fenced');
  for (const store of stores) await store.close();
});

test('a write that does not fit on the disk is unknown; those beside it and a deletion are committed', async (t) => {
  const file = fileIn(t);
  const store = openSqliteStore({ path: file, clock: new VirtualClock(), logger: silent, maxBytes: 1_000_000 });
  const lease = await acquireShard(store);
  const big = new Uint8Array(2_000_000);
  await commit(store, lease, runWrite(keyOf('old')));
  const results = await Promise.all([
    store.executions.commit(write(lease, runWrite(keyOf('small')))),
    store.executions.commit(write(lease, runWrite(keyOf('big'), { info: big }))),
    store.executions.commit(write(lease, runWrite(keyOf('other')))),
    store.executions.deleteRun(lease, keyOf('old')),
  ]);
  assert.deepEqual(results, ['committed', 'unknown', 'committed', 'committed']);
  assert.equal(await store.executions.readRun(keyOf('big')), undefined);
  assert.equal((await store.executions.readRun(keyOf('small')))?.version, 1);
  const record = NamespaceRecord.create({ id: 'id', name: 'n', version: 1, description: 'x'.repeat(2_000_000) });
  assert.equal(await store.namespaces.create(record), 'unknown');
  await store.close();
});

test('a broken invariant in one write is thrown to its caller and leaves its neighbours alone', async (t) => {
  const store = await open(fileIn(t));
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
  assert.equal(await store.executions.readRun(keyOf('b')), undefined);
  assert.equal((await store.executions.readRun(keyOf('c')))?.version, 1);
  await store.close();
});

test('a file of a newer server is refused with both versions', async (t) => {
  const file = fileIn(t);
  await (await open(file)).close();
  withFile(file, (database) => database.exec('PRAGMA user_version = 99'));
  await assert.rejects(open(file), fault('schema', /schema version 99.*start a newer server/));
});

test('a file of another program is refused and not touched', async (t) => {
  const file = fileIn(t);
  withFile(file, (database) => database.exec('CREATE TABLE photos (id)'));
  await assert.rejects(open(file), fault('schema', /belongs to another program/));
  const tables = withFile(file, (database) => database.prepare('SELECT name FROM sqlite_schema').all());
  assert.deepEqual(
    tables.map((row) => ({ ...row })),
    [{ name: 'photos' }],
  );
});

test('a file that lacks a table is refused by name', async (t) => {
  const file = fileIn(t);
  await (await open(file)).close();
  withFile(file, (database) => database.exec('DROP TABLE history_batches'));
  await assert.rejects(open(file), fault('schema', /lacks the tables history_batches/));
});

test('a migration that was cut short is done again', async (t) => {
  const file = fileIn(t);
  // A step is one transaction: cut short, all it leaves is a file without it.
  withFile(file, (database) => database.exec('PRAGMA journal_mode = WAL'));
  const store = await open(file);
  await commit(store, await acquireShard(store), runWrite(keyOf('w')));
  await store.close();
});

test('a file that is no database is refused with what to do', async (t) => {
  const folder = temporaryFolder(t);
  const text = path.join(folder, 'text.db');
  writeFileSync(text, 'this is a letter, not a database, and it is long enough to be read as a header of one');
  await assert.rejects(open(text), fault('corrupt', /is not a SQLite database/));
});

const PAGE_BYTES = 4096;

/** Where these tables and their indexes begin, counted from 1. */
const pagesOf = (file: string, tables: readonly string[]): readonly number[] =>
  withFile(file, (database) => {
    const rows = database.prepare('SELECT tbl_name, rootpage FROM sqlite_schema').all();
    return rows.flatMap((row) => (tables.includes(String(row['tbl_name'])) ? [Number(row['rootpage'])] : []));
  });

test('a file damaged in its middle is a fault to those who read there', async (t) => {
  const file = fileIn(t);
  const store = await open(file);
  await commit(store, await acquireShard(store), runWrite(keyOf('w')));
  await store.close();
  const content = readFileSync(file);
  for (const page of pagesOf(file, ['executions', 'leases']))
    content.fill(0xff, (page - 1) * PAGE_BYTES, page * PAGE_BYTES);
  writeFileSync(file, content);
  const damaged = await open(file);
  await assert.rejects(damaged.executions.readRun(keyOf('w')), fault('corrupt', /damaged: restore it/));
  await assert.rejects(damaged.leases.acquire('history', [1], 'm'), fault('corrupt', /damaged: restore it/));
  await damaged.close();
});

test('a file that another process has locked for good is refused with what to do', async (t) => {
  const file = fileIn(t);
  await (await open(file)).close();
  const other = new DatabaseSync(file);
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  await assert.rejects(open(file), fault('unavailable', /locked by another process/));
  other.close();
});

test('a folder that is missing or read-only is refused with what to do', async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(
    open(path.join(folder, 'no', 'store.db')),
    fault('unavailable', /cannot be opened.*folder exists/),
  );
  await assert.rejects(open(folder), fault('unavailable', /cannot be opened/));
  const closed = path.join(folder, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  // The superuser may write anywhere.
  if (process.getuid?.() === 0) return;
  await assert.rejects(open(path.join(closed, 'store.db')), fault('unavailable', /cannot be opened|read-only/));
});

test('bytes poisoned in the file reach the reader as they are', async (t) => {
  const file = fileIn(t);
  const store = await open(file);
  await commit(store, await acquireShard(store), runWrite(keyOf('w'), { info: bytes(1, 2, 3) }));
  withFile(file, (database) => database.exec(`UPDATE executions SET info = x'ff00ff'`));
  assert.deepEqual([...((await store.executions.readRun(keyOf('w')))?.info ?? [])], [255, 0, 255]);
  await store.close();
});

test('a URL of an unknown store names the known ones', async () => {
  const options = { clock: new VirtualClock(), logger: silent };
  for (const url of ['mongodb://x', 'sqlite', '', 'constructor:x', '__proto__:']) {
    await assert.rejects(openStore(url, options), fault('refused', /use one of .*memory:.*sqlite:/));
  }
  await assert.rejects(openStore('sqlite:', options), fault('refused', /names no file/));
});
