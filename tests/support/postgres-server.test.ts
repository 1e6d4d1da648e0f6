import assert from 'node:assert/strict';
import test from 'node:test';
import { startPostgresServer } from './postgres-server.ts';

test('a server that was killed comes back on its port with what was committed', async () => {
  const server = await startPostgresServer({ fsync: true });
  try {
    await server.createDatabase('mine');
    await server.query('CREATE TABLE t (a int)', 'mine');
    await server.query('INSERT INTO t VALUES (7)', 'mine');
    await server.kill('SIGKILL');
    await assert.rejects(server.query('SELECT 1'));
    await server.restart();
    assert.deepEqual(await server.query('SELECT a FROM t', 'mine'), [{ a: 7 }]);
  } finally {
    await server.stop();
  }
});
