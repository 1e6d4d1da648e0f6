import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { databases } from '../sdk/databases.ts';
import { assertClean } from '../support/databases.ts';
import { duramesh } from '../support/duramesh.ts';
import { startServer } from '../support/server-process.ts';

const RUNS = 30;
const ids = Array.from({ length: RUNS }, (_, i) => `workflow-${i}`);

async function withClient(address: string, use: (client: Client) => Promise<void>): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

for (const { name, create } of databases) {
  test(`the shards of a server on ${name} are changed while it is stopped, and its workflows go on`, async () => {
    const db = await create();
    const set = (shards: string): ReturnType<typeof duramesh> => duramesh(['shards', 'set', shards, '--db', db]);
    await using server = await startServer({ db, flags: ['--shards', '16'] });
    await withClient(server.address, async ({ workflow }) => {
      await Promise.all(ids.map((workflowId) => workflow.start('unserved', { workflowId, taskQueue: 'nobody' })));
    });
    const refused = await set('48');
    assert.equal(refused.code, 1);
    assert.match(refused.err, /^duramesh: servers run on this database \(history .*\): stop them, .*\n$/);
    await Promise.all(server.processes.map((process) => process.stop()));
    const changed = await set('48');
    assert.deepEqual([changed.code, changed.err], [0, '']);
    assert.match(changed.out, /^16 shards are now 48: \d+ of 30 runs moved\n$/);
    await assertClean(db);
    await server.processes[0]?.start();
    await withClient(server.address, async ({ workflow }) => {
      for (const workflowId of ids) {
        const handle = workflow.getHandle(workflowId);
        await handle.signal('go-on');
        assert.equal((await handle.describe()).historyLength, 3);
      }
    });
    await Promise.all(server.processes.map((process) => process.stop()));
    await assertClean(db);
  });
}

test('a number of shards that makes no sense is refused in one line', async () => {
  for (const args of [['set', '0'], ['set', 'many'], ['set'], ['grow', '4']]) {
    const { code, err } = await duramesh(['shards', ...args]);
    assert.equal(code, 2);
    assert.match(err, /^duramesh: shards .*\n$/);
  }
});
