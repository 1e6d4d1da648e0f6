import assert from 'node:assert/strict';
import test from 'node:test';
import { openStore } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { until } from '../../support/until.ts';
import { silent } from './drivers.ts';
import { type PostgresPlace, postgresPlace } from './postgres.ts';
import { acquireShard, bytes, commit, keyOf, runWrite, write } from './rows.ts';

const RUNS = 120;
const TRANSITIONS = 20;

/** What the database counts of the table of runs; a connection tells all it has done when it ends. */
async function counted({
  server,
  database,
}: PostgresPlace): Promise<{ readonly updates: number; readonly hot: number; readonly scans: number }> {
  const [row] = await server.query(
    `SELECT n_tup_upd, n_tup_hot_upd, seq_scan FROM pg_stat_user_tables WHERE relname = 'executions'`,
    database,
  );
  return { updates: Number(row?.['n_tup_upd']), hot: Number(row?.['n_tup_hot_upd']), scans: Number(row?.['seq_scan']) };
}

test('writes of a hundred runs are one statement, and finding them reads no table from end to end', async () => {
  const place = await postgresPlace();
  const store = await openStore(place.url, { clock: systemClock, logger: silent });
  const lease = await acquireShard(store);
  const before = await counted(place);
  for (let version = 0; version < 3; version++) {
    const { statements, commits } = store.stats;
    const runs = Array.from({ length: RUNS }, (_, i) => runWrite(keyOf(`w${i}`), { expectedVersion: version }));
    const results = await Promise.all(runs.map((run) => store.executions.commit(write(lease, run))));
    assert.deepEqual(new Set(results), new Set(['committed']));
    assert.deepEqual([store.stats.statements - statements, store.stats.commits - commits], [1, 1]);
  }
  await store.close();
  await until(async () => (await counted(place)).updates >= 2 * RUNS, { what: 'updates are told', withinMs: 15_000 });
  assert.equal((await counted(place)).scans, before.scans);
});

test('a transition that changes neither wake nor outstanding writes no index', async () => {
  const place = await postgresPlace();
  const store = await openStore(place.url, { clock: systemClock, logger: silent });
  const lease = await acquireShard(store);
  const state = { wakeAtMs: 5_000, outstanding: true };
  await commit(store, lease, runWrite(keyOf('w'), state));
  for (let version = 1; version <= TRANSITIONS; version++) {
    await commit(store, lease, runWrite(keyOf('w'), { ...state, expectedVersion: version, info: bytes(version) }));
  }
  await store.close();
  await until(async () => (await counted(place)).updates >= TRANSITIONS, {
    what: 'updates are told',
    withinMs: 15_000,
  });
  const { updates, hot } = await counted(place);
  assert.deepEqual([updates, hot], [TRANSITIONS, TRANSITIONS]);
});
