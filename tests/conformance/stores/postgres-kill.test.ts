import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { openSchemaTool, openStore, type Store } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts';
import { until } from '../../support/until.ts';
import { silent } from './drivers.ts';
import { acquireShard, bytes, keyOf, runWrite, write } from './rows.ts';

const ROUNDS = 3;
const WRITERS = 16;
const PER_ROUND = 300;

async function opened(server: PostgresServer, database: string): Promise<Store> {
  const tool = await openSchemaTool(server.url(database), { clock: systemClock });
  await tool.update(() => {});
  await tool.close();
  return openStore(server.url(database), { clock: systemClock, logger: silent });
}

const run = (id: string) =>
  runWrite(keyOf(id), {
    info: new Uint8Array(1500),
    upserts: [{ kind: 1, key: 'a', data: bytes(1) }],
    history: [{ firstEventId: 1, lastEventId: 3, data: new Uint8Array(900) }],
    outstanding: true,
  });

async function assertWhole(store: Store, id: string): Promise<void> {
  const found = await store.executions.readRun(keyOf(id));
  assert.equal(found?.items.length, 1, `${id} was acknowledged`);
  const range = { fromEventId: 1, untilEventId: 9, maxBatches: 9 };
  assert.equal((await store.executions.readHistory(keyOf(id), range)).length, 1);
}

test('what was acknowledged before the server was killed is there when it is back', { timeout: 120_000 }, async () => {
  const server = await startPostgresServer({ fsync: true });
  const store = await opened(server, 'load');
  const acknowledged: string[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const lease = await acquireShard(store);
      let isDown = false;
      let next = 0;
      const writers = Array.from({ length: WRITERS }, async () => {
        while (!isDown) {
          const id = `w-${round}-${next++}`;
          const result = await store.executions.commit(write(lease, run(id)));
          if (result === 'committed') acknowledged.push(id);
          else assert.equal(result, 'unknown', 'a server that is gone tells of no conflict');
        }
      });
      const target = acknowledged.length + PER_ROUND;
      await until(() => acknowledged.length >= target, { what: 'writes are acknowledged', withinMs: 30_000 });
      await server.kill('SIGKILL');
      isDown = true;
      await server.restart();
      await Promise.all(writers);
      await Promise.all(acknowledged.map((id) => assertWhole(store, id)));
    }
    assert.deepEqual(await store.inspection.orphans(9), []);
  } finally {
    await store.close();
    await server.stop();
  }
});

test('a full disk fails what does not fit, keeps what was acknowledged, and is over when there is space', async (t) => {
  const server = await startPostgresServer({ fsync: true });
  const small = path.join(server.folder, 'small');
  mkdirSync(small);
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]).status === 0;
  const store = await opened(server, 'full');
  try {
    if (!isMounted) return t.skip('this user may not make a disk small enough to be full');
    execFileSync('chown', ['postgres', small]);
    await server.query(`CREATE TABLESPACE small LOCATION '${small}'`);
    await server.query('ALTER TABLE history_batches SET TABLESPACE small', 'full');
    const lease = await acquireShard(store);
    const big = (id: string) =>
      runWrite(keyOf(id), { history: [{ firstEventId: 1, lastEventId: 1, data: incompressible(8_000_000) }] });
    const results = await Promise.all([
      store.executions.commit(write(lease, runWrite(keyOf('small')))),
      store.executions.commit(write(lease, big('big'))),
      store.executions.commit(write(lease, runWrite(keyOf('other')))),
    ]);
    assert.deepEqual(results, ['committed', 'unknown', 'committed']);
    assert.equal(await store.executions.readRun(keyOf('big')), undefined);
    await server.query('ALTER TABLE history_batches SET TABLESPACE pg_default', 'full');
    assert.equal(await store.executions.commit(write(lease, big('big'))), 'committed');
  } finally {
    await store.close();
    await server.kill('SIGQUIT');
    if (isMounted) spawnSync('umount', [small]);
    await server.stop();
  }
});

/** Bytes that no compression makes smaller. */
function incompressible(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24);
}
