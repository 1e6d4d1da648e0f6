import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { visibilityRow } from '@duramesh/history';
import { type Claim, type Finding, inspectStore } from '@duramesh/invariants';
import { openStore } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { statusOf, Wire } from '../bench/wire.ts';
import { duramesh } from '../support/duramesh.ts';
import { startServer } from '../support/server-process.ts';
import { silent } from '../conformance/stores/drivers.ts';
import { Load } from './load.ts';

const CALL_TIMEOUT_MS = 5_000;
const DATA_LOSS = 15;
const namespace = 'default';
const folder = mkdtempSync(path.join(os.tmpdir(), 'duramesh-fsck-'));
const sound = path.join(folder, 'sound.sqlite');
/** Waits for a worker, with search attributes, a memo and a timeout to come. */
const openWorkflowId = `open-${randomUUID()}`;
after(() => rmSync(folder, { recursive: true, force: true }));

const keyword = (value: string) => ({
  metadata: { encoding: Buffer.from('json/plain'), type: Buffer.from('Keyword') },
  data: Buffer.from(JSON.stringify(value)),
});

before(async () => {
  const flags = ['--search-attribute', 'CustomerId=Keyword'];
  await using server = await startServer({ db: `sqlite:${sound}`, flags });
  using load = new Load({
    addresses: [server.address],
    workflows: 5,
    signals: 3,
    seed: 1,
    pauseMs: 10,
    withinMs: 60_000,
  });
  await load.finished();
  assert.deepEqual(await load.check(), []);
  const wire = new Wire(server.address);
  const start = {
    namespace,
    workflowId: openWorkflowId,
    workflowType: { name: 'waiting' },
    taskQueue: { name: 'nobody-polls', kind: 1 },
    requestId: randomUUID(),
    workflowRunTimeout: { seconds: 3_600, nanos: 0 },
    searchAttributes: { indexedFields: { CustomerId: keyword('c-1') } },
    memo: { fields: { note: keyword('n') } },
  };
  const { runId } = await wire.call('StartWorkflowExecution', start, CALL_TIMEOUT_MS);
  const workflowExecution = { workflowId: openWorkflowId, runId };
  for (const requestId of ['one', 'two']) {
    await wire.call(
      'SignalWorkflowExecution',
      { namespace, workflowExecution, signalName: 's', requestId },
      CALL_TIMEOUT_MS,
    );
  }
  wire.close();
});

/** A copy of the sound file after some SQL. `:open` in it stands for the row of the open run. @returns its path */
function damaged(sql: string): string {
  const file = path.join(folder, `${randomUUID()}.sqlite`);
  copyFileSync(sound, file);
  const database = new DatabaseSync(file);
  try {
    const [row] = database.prepare('SELECT id FROM executions WHERE workflow_id = ?').all(openWorkflowId);
    database.exec(sql.replaceAll(':open', String(row?.['id'])));
  } finally {
    database.close();
  }
  return file;
}

async function findingsIn(file: string): Promise<readonly Finding[]> {
  const store = await openStore(`sqlite:${file}`, { clock: systemClock, logger: silent });
  const findings: Finding[] = [];
  try {
    const onFinding = (finding: Finding): void => void findings.push(finding);
    await inspectStore(store, { clock: systemClock, listEntryOf: visibilityRow, confirmAfterMs: 1, onFinding });
  } finally {
    await store.close();
  }
  return findings;
}

test('a store that nobody has damaged is clean, and the check leaves it as it was', async () => {
  assert.deepEqual(await findingsIn(damaged('')), []);
});

const HISTORY = 'id BETWEEN (:open << 24) AND ((:open << 24) | 0xffffff)';

interface Damage {
  readonly what: string;
  readonly sql: string;
  /** Of the findings about the open run, or about rows without a run. */
  readonly claims: readonly Claim[];
  readonly text: RegExp;
}

const damages: readonly Damage[] = [
  {
    what: 'a state that is cut off',
    sql: 'UPDATE executions SET info = substr(info, 1, 20) WHERE id = :open',
    claims: ['S1'],
    text: /^its state cannot be read: /,
  },
  {
    what: 'a state that is another',
    sql: `UPDATE executions SET info = CAST(replace(CAST(info AS BLOB), CAST('waiting' AS BLOB), CAST('walting' AS BLOB)) AS BLOB)
      WHERE id = :open`,
    claims: ['S3', 'S6'],
    text: /^the state is not what its history says: info\.workflowType is "walting" instead of "waiting"/,
  },
  {
    what: 'a batch of events that cannot be read',
    sql: `UPDATE history_batches SET data = x'ff' || substr(data, 2) WHERE id = (SELECT max(id) FROM history_batches WHERE ${HISTORY})`,
    claims: ['S1'],
    text: /^the batch of events from \d+ on cannot be read: /,
  },
  {
    what: 'a hole in a history',
    sql: `DELETE FROM history_batches WHERE id = (SELECT max(id) FROM history_batches WHERE ${HISTORY})`,
    claims: ['R', 'S3'],
    text: /^R1: the next event is 5 after 3 events/,
  },
  {
    what: 'a history without its beginning',
    sql: `DELETE FROM history_batches WHERE id = (SELECT min(id) FROM history_batches WHERE ${HISTORY})`,
    claims: ['S2', 'R', 'S3'],
    text: /^events 1 to \d+ are missing/,
  },
  {
    what: 'batches that overlap',
    sql: `UPDATE history_batches SET last_event_id = last_event_id + 1
      WHERE id = (SELECT min(id) FROM history_batches WHERE ${HISTORY})`,
    claims: ['S2'],
    text: /^events \d+ to \d+ are in more than one batch/,
  },
  {
    what: 'work that nobody would find',
    sql: 'UPDATE executions SET outstanding = 0 WHERE id = :open',
    claims: ['S4'],
    text: /^it waits for DispatchWorkflowTask\//,
  },
  {
    what: 'a run in a shard where nobody looks for it',
    sql: 'UPDATE executions SET shard = shard + 1 WHERE id = :open',
    claims: ['S10'],
    text: /^it is in shard \d+, and is looked for in shard \d+ of 1024$/,
  },
  {
    what: 'a moment that would be missed',
    sql: 'UPDATE executions SET wake_at = 0 WHERE id = :open',
    claims: ['S5'],
    text: /^something of it is due at .* and it would be looked at never/,
  },
  {
    what: 'a moment that would come too late',
    sql: 'UPDATE executions SET wake_at = wake_at + 1 WHERE id = :open',
    claims: ['S5'],
    text: /^something of it is due at /,
  },
  {
    what: 'a list entry with another status',
    sql: 'UPDATE visibility SET status = 2 WHERE id = :open',
    claims: ['S6'],
    text: /^lists show what it is not: status is 2 instead of 1/,
  },
  {
    what: 'a list entry with another close time',
    sql: 'UPDATE visibility SET close_key = -1000 WHERE id = :open',
    claims: ['S6'],
    text: /^lists show what it is not: closeTimeMs is 1000 instead of nothing/,
  },
  {
    what: 'a list entry that shows other search attributes',
    sql: `UPDATE visibility SET search_attributes = (SELECT memo FROM visibility v WHERE v.id = :open) WHERE id = :open`,
    claims: ['S6'],
    text: /^lists show what it is not: searchAttributes\./,
  },
  {
    what: 'a list entry that is gone',
    sql: 'DELETE FROM visibility WHERE id = :open; DELETE FROM visibility_attributes WHERE visibility_id = :open',
    claims: ['S6'],
    text: /^lists do not show it/,
  },
  {
    what: 'a search attribute that filters do not find',
    sql: `UPDATE visibility_attributes SET value = 'c-2' WHERE visibility_id = :open AND name = 'CustomerId'`,
    claims: ['S7'],
    text: /^filters do not find it by its search attributes \(.*CustomerId/,
  },
  {
    what: 'an open run that is not the current one',
    sql: `DELETE FROM current_runs WHERE workflow_id = '${openWorkflowId}'`,
    claims: ['S8'],
    text: /^it is open, and its workflow has no current run/,
  },
  {
    what: 'a pointer to a run that is not there',
    sql: `INSERT INTO current_runs SELECT namespace_id, 'w', 'r' FROM executions WHERE id = :open`,
    claims: ['S8'],
    text: /^it is said to be the current run of its workflow, and is not there/,
  },
  {
    what: 'a row of a run that is gone',
    sql: `DELETE FROM executions WHERE id = :open; DELETE FROM current_runs WHERE workflow_id = '${openWorkflowId}'`,
    claims: ['S9'],
    text: /^(?:history|items|list entry|search attributes) without a run: /,
  },
  {
    what: 'an item that the history knows nothing of',
    sql: `INSERT INTO execution_items SELECT :open, kind, key, data FROM execution_items 
      WHERE kind = 3 AND execution_id <> :open AND key LIKE '%/0' LIMIT 1`,
    claims: ['S3'],
    text: /^the state is not what its history says: requestIds/,
  },
  {
    what: 'an item that is gone',
    sql: 'DELETE FROM execution_items WHERE execution_id = :open AND kind = 3',
    claims: ['S3'],
    text: /^the state is not what its history says: requestIds/,
  },
  {
    what: 'a history that was written ahead and that nobody would find',
    sql: `INSERT INTO executions (shard, version, wake_at, outstanding, namespace_id, workflow_id, run_id, info)
      SELECT shard, 0, 0, 0, namespace_id, '${openWorkflowId}', 'never-came', x'' FROM executions WHERE id = :open`,
    claims: ['S9'],
    text: /^its history was written ahead, it never came/,
  },
];

for (const { what, sql, claims, text } of damages) {
  test(`a check finds ${what}`, async () => {
    const findings = await findingsIn(damaged(sql));
    const about = JSON.stringify(findings, null, 1);
    assert.ok(
      findings.some((finding) => text.test(finding.text)),
      about,
    );
    assert.deepEqual(new Set(findings.map(({ claim }) => claim)), new Set(claims), about);
    for (const { key } of findings) assert.ok(['', 'w', openWorkflowId].includes(key.workflowId), about);
  });
}

test('the command prints a line for each finding and a summary, and can keep to a workflow', async () => {
  const file = damaged('UPDATE executions SET outstanding = 0 WHERE id = :open');
  const found = await duramesh(['fsck', '--db', `sqlite:${file}`]);
  assert.deepEqual([found.code, found.err], [1, '']);
  const [line, summary, ...more] = found.out.trimEnd().split('\n');
  assert.match(
    line ?? '',
    new RegExp(`^default/${openWorkflowId}/[0-9a-f-]{36}: S4: it waits for DispatchWorkflowTask/`),
  );
  assert.match(summary ?? '', /^1 findings: 6 runs, \d+ events, 6 current runs in \d+\.\d s$/);
  assert.deepEqual(more, []);
  const scope = ['--namespace', namespace, '--workflow'];
  assert.equal((await duramesh(['fsck', '--db', `sqlite:${file}`, ...scope, openWorkflowId])).code, 1);
  const other = await duramesh(['fsck', '--db', `sqlite:${file}`, ...scope, 'other']);
  assert.match(other.out, /^clean: 0 runs/);
  assert.equal(other.code, 0);
});

test('a check of what is not there says so, and makes nothing', async () => {
  const missing = path.join(folder, 'missing.sqlite');
  const absent = await duramesh(['fsck', '--db', `sqlite:${missing}`]);
  assert.equal(absent.code, 3);
  assert.match(absent.err, /^duramesh: the SQLite file .*missing\.sqlite has no schema yet: [^\n]*\n$/);
  assert.throws(() => copyFileSync(missing, `${missing}-copy`), { code: 'ENOENT' });
  const unknown = await duramesh(['fsck', '--db', `sqlite:${sound}`, '--namespace', 'nowhere']);
  assert.deepEqual([unknown.code, unknown.err], [2, "duramesh: there is no namespace 'nowhere' in this database\n"]);
});

const unreadable = [
  { what: 'a state', sql: 'UPDATE executions SET info = substr(info, 1, 20) WHERE id = :open' },
  {
    what: 'a history',
    sql: `UPDATE history_batches SET data = x'ff' || substr(data, 2)
      WHERE id = (SELECT max(id) FROM history_batches WHERE ${HISTORY})`,
  },
  {
    what: 'a history with a hole',
    sql: `DELETE FROM history_batches WHERE id = (SELECT id FROM history_batches WHERE ${HISTORY} LIMIT 1 OFFSET 1)`,
  },
];

for (const { what, sql } of unreadable) {
  test(`a server that meets ${what} that cannot be read says so of this run, and serves the others`, async () => {
    await using server = await startServer({ db: `sqlite:${damaged(sql)}` });
    const wire = new Wire(server.address);
    try {
      const read = (workflowId: string) =>
        wire.call('GetWorkflowExecutionHistory', { namespace, execution: { workflowId } }, CALL_TIMEOUT_MS);
      await assert.rejects(read(openWorkflowId), (error) => {
        assert.equal(statusOf(error), DATA_LOSS, String(error));
        assert.match(String(error), /the stored (?:state|history) of workflow open-\S+, run \S+, cannot be read/);
        return true;
      });
      const { executions = [] } = await wire.call('ListWorkflowExecutions', { namespace }, CALL_TIMEOUT_MS);
      const ids = executions.flatMap(({ execution }) => execution?.workflowId ?? []);
      assert.equal(ids.length, 6);
      for (const workflowId of ids) if (workflowId !== openWorkflowId) await read(workflowId);
    } finally {
      wire.close();
    }
  });
}
