import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { openStore, type Store } from '@duramesh/persistence';
import { VirtualClock } from '@duramesh/testkit';
import { silent, temporaryFolder } from './drivers.ts';
import { bytes } from './rows.ts';

const DEFAULT_LEVEL = 3;
const START = { pass: -1, taskId: 0 };

const open = (file: string): Promise<Store> =>
  openStore(`sqlite:${file}`, { clock: new VirtualClock(), logger: silent });

/** Makes the file what the server of schema version 1 left behind. */
function backToVersionOne(database: DatabaseSync): void {
  database.exec(`
    DROP TABLE cluster_facts;
    DROP TABLE task_queue_configs;
    DROP INDEX backlog_tasks_keys;
    DROP INDEX backlog_tasks_order;
    ALTER TABLE backlog_tasks DROP COLUMN level;
    ALTER TABLE backlog_tasks DROP COLUMN pass;
    ALTER TABLE backlog_tasks DROP COLUMN fairness_key;
    PRAGMA user_version = 1;
  `);
}

/** As that server would. */
function appendAsVersionOne(database: DatabaseSync, taskId: number): void {
  database
    .prepare(
      `INSERT INTO backlog_tasks (queue, task_id, dedupe_key, expires_at, created_at, data) VALUES ('q', ?, ?, 0, 0, ?)`,
    )
    .run(taskId, `key-${taskId}`, bytes(taskId));
}

test('tasks that a server of schema version 1 stored, before and beside this one, come first and in their order', async (t) => {
  const file = path.join(temporaryFolder(t), 'store.db');
  await (await open(file)).close();
  const old = new DatabaseSync(file);
  t.after(() => old.close());
  backToVersionOne(old);
  appendAsVersionOne(old, 2);
  appendAsVersionOne(old, 1);
  const store = await open(file);
  const [lease] = await store.leases.acquire('matching', [3], 'm');
  assert.ok(lease);
  const added = {
    taskId: 3,
    dedupeKey: 'new',
    level: DEFAULT_LEVEL,
    pass: 9,
    fairnessKey: 'k',
    data: bytes(3),
    expiresMs: 0,
  };
  assert.equal(await store.taskQueues.append(lease, 'q', [added]), 'committed');
  appendAsVersionOne(old, 4);
  const tasks = await store.taskQueues.read('q', DEFAULT_LEVEL, { after: START, limit: 10 });
  assert.deepEqual(
    tasks.map(({ taskId }) => taskId),
    [1, 2, 4, 3],
  );
  assert.equal(await store.taskQueues.lastPass('q', DEFAULT_LEVEL, ''), 0);
  assert.equal(await store.taskQueues.writeConfig(lease, 'q', bytes(1)), 'committed');
  await store.close();
});
