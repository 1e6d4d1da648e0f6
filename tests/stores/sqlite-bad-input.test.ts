import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { statusOf, Wire } from '../bench/wire.ts';
import { assertClean } from '../support/databases.ts';
import { duramesh } from '../support/duramesh.ts';
import { startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-bad-input-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A file as a server leaves it, after some SQL. */
async function fileAfter(sql: string): Promise<string> {
  const file = path.join(folder, `${randomUUID()}.sqlite`);
  assert.equal((await duramesh(['schema', 'setup', '--db', `sqlite:${file}`])).code, 0);
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
  return `sqlite:${file}`;
}

const cases = [
  {
    what: 'a newer server has updated',
    sql: 'PRAGMA user_version = 999',
    code: 5,
    line: /^duramesh: the SQLite file \S+ has schema version 999, this server knows \d+: start a newer server\n$/,
  },
  {
    what: 'belongs to another program',
    sql: 'PRAGMA application_id = 1',
    code: 6,
    line: /^duramesh: the SQLite file \S+ belongs to another program: name another file\n$/,
  },
  {
    what: 'lacks a table',
    sql: 'DROP TABLE current_runs',
    code: 6,
    line: /^duramesh: the SQLite file \S+ lacks the tables current_runs: restore it from a backup, [^\n]*\n$/,
  },
];

for (const { what, sql, code, line } of cases) {
  test(`an SQLite file that ${what} is told by a line, by each command`, async () => {
    const url = await fileAfter(sql);
    const [started, set, checked] = await Promise.all([
      duramesh(['start', '--port', '0', '--db', url]),
      duramesh(['schema', 'setup', '--db', url]),
      duramesh(['fsck', '--db', url]),
    ]);
    assert.deepEqual([started.code, set.code, checked.code], [1, code, 3]);
    for (const { err } of [started, set, checked]) assert.match(err, line);
    assert.equal((await duramesh(['schema', 'status', '--db', url])).code, code);
  });
}

test('an older SQLite file is told by its status, brought on step by step, and then current', async () => {
  const url = await fileAfter(
    'DROP TABLE cluster_facts; DROP TABLE task_queue_configs; DROP INDEX backlog_tasks_order; DROP INDEX backlog_tasks_keys;' +
      ['level', 'pass', 'fairness_key'].map((column) => `ALTER TABLE backlog_tasks DROP COLUMN ${column};`).join('') +
      'PRAGMA user_version = 1',
  );
  const before = await duramesh(['schema', 'status', '--db', url]);
  assert.deepEqual([before.code, before.out.startsWith('older: ')], [4, true], before.out);
  const update = await duramesh(['schema', 'update', '--db', url]);
  assert.deepEqual([update.code, update.out], [0, 'schema 2 of 3\nschema 3 of 3\nschema 3 of 3 (current)\n']);
  assert.deepEqual((await duramesh(['schema', 'version', '--db', url])).out, 'schema 3 of 3 (current)\n');
});

test('an update makes no file that a typing error names', async () => {
  const url = `sqlite:${path.join(folder, 'typing-error.sqlite')}`;
  const { code, err } = await duramesh(['schema', 'update', '--db', url]);
  assert.deepEqual([code, err.split('\n').length], [3, 2], err);
  assert.equal((await duramesh(['schema', 'version', '--db', url])).out, 'schema 0 of 3 (absent)\n');
});

test('a database that no adapter knows, and words that are no command, end in one line', async () => {
  const unknown = await duramesh(['start', '--port', '0', '--db', 'oracle://me:s3cret@host/db']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /^duramesh: no store is known for 'oracle:\/\/host\/db': use one of [^\n]*\n$/);
  const verb = await duramesh(['schema', 'destroy']);
  assert.deepEqual([verb.code, verb.err.split('\n').length], [2, 2]);
});

/** Only root may make a small disk. */
function smallDisk(t: { after(run: () => void): void }): string | undefined {
  const disk = path.join(folder, 'disk');
  mkdirSync(disk);
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk], { stdio: 'ignore' }).status === 0;
  if (!made) return undefined;
  t.after(() => execFileSync('umount', [disk]));
  return disk;
}

test('a full disk refuses writes and loses nothing, and when there is space again the server goes on', async (t) => {
  const disk = smallDisk(t);
  if (disk === undefined) return t.skip('a small disk cannot be made here');
  const ballast = path.join(disk, 'ballast');
  writeFileSync(ballast, new Uint8Array(1_500_000));
  const db = `sqlite:${path.join(disk, 'duramesh.sqlite')}`;
  const acknowledged: string[] = [];
  {
    await using server = await startServer({ db });
    const wire = new Wire(server.address);
    const start = async (workflowId: string): Promise<void> => {
      const input = { payloads: [{ data: Buffer.alloc(50_000) }] };
      const taskQueue = { name: 'nobody-polls', kind: 1 };
      const run = { workflowId, workflowType: { name: 'large' }, taskQueue, input, requestId: randomUUID() };
      await wire.call('StartWorkflowExecution', { namespace: 'default', ...run }, 5_000);
      acknowledged.push(workflowId);
    };
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 200; i++) await start(`large-${i}`);
    };
    // UNAVAILABLE or, when the server tries until the end, DEADLINE_EXCEEDED: an SDK comes again.
    await assert.rejects(fill(), (error) => [4, 14].includes(statusOf(error) ?? 0));
    assert.ok(acknowledged.length > 0);
    const first = { workflowId: acknowledged[0] ?? '' };
    await wire.call('DescribeWorkflowExecution', { namespace: 'default', execution: first }, 5_000);
    assert.match(server.log, /the disk is full: free some space/);
    rmSync(ballast);
    await until(() => start('after').then(() => true), { what: 'it stores again', withinMs: 30_000 });
    for (const workflowId of acknowledged) {
      await wire.call('DescribeWorkflowExecution', { namespace: 'default', execution: { workflowId } }, 5_000);
    }
    wire.close();
  }
  await assertClean(db);
});
