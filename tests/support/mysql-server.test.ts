import assert from 'node:assert/strict';
import test from 'node:test';
import { startMysqlServer } from './mysql-server.ts';

for (const kind of ['mariadb', 'mysql'] as const) {
  test(`${kind}: a server that was killed comes back on its port with what was committed`, async () => {
    const server = await startMysqlServer({ kind, fsync: true });
    try {
      await server.createDatabase('mine');
      await server.query('CREATE TABLE t (a INT) ENGINE = InnoDB; INSERT INTO t VALUES (7)', 'mine');
      await server.kill('SIGKILL');
      await assert.rejects(server.query('SELECT 1'));
      await server.restart();
      assert.deepEqual(
        (await server.query('SELECT a FROM t', 'mine')).map((row) => ({ ...row })),
        [{ a: 7 }],
      );
    } finally {
      await server.stop();
    }
  });
}
