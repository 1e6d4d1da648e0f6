import { assert } from '@duramesh/runtime';
import type {
  CommitResult,
  CurrentRunWrite,
  ExecutionKey,
  ExecutionWrite,
  Lease,
  RunWrite,
  StagedHistory,
} from '../api/execution-store.ts';
import { Recent } from '../recent.ts';
import type { Connection } from './connect.ts';
import { EVENT_ID_BITS, EVENT_ID_MASK } from './schema.ts';
import { VisibilityWriter } from './visibility-writer.ts';
import type { Writer } from './writer.ts';

/** A run as the transaction found it. */
interface Found {
  readonly id: number;
  readonly version: number;
  readonly wakeAtMs: number;
  readonly isOutstanding: boolean;
}

const NONE: Found = { id: 0, version: 0, wakeAtMs: 0, isOutstanding: false };

/** Enough for the runs that are under way at one time; the others cost one look more. */
const MAX_KNOWN = 8192;

/** Ids of namespaces and runs are UUIDs, or at least without a line break. */
const nameOf = ({ namespaceId, workflowId, runId }: ExecutionKey): string => `${namespaceId}\n${runId}\n${workflowId}`;

/** How transitions and deletions of runs are written, inside the transaction of their group. */
export class ExecutionCommits {
  readonly #writer: Writer;
  readonly #statements: CommitStatements;
  readonly #visibility: VisibilityWriter;
  /** Rows as this connection wrote them last: they hold until another connection commits something. */
  readonly #known = new Recent<Found>(MAX_KNOWN);

  constructor(connection: Connection, writer: Writer) {
    this.#writer = writer;
    writer.onStale(() => this.#known.clear());
    this.#statements = prepareStatements(connection);
    this.#visibility = new VisibilityWriter(connection);
  }

  /** Every condition of every run is checked before the first row is written: a refused write leaves no trace. */
  commit(write: ExecutionWrite): CommitResult {
    if (this.#writer.isFenced(write.lease)) return 'fenced';
    const found: Found[] = [];
    for (const run of write.runs) {
      const stored = this.#find(run.key);
      if (stored.version !== run.expectedVersion) return 'conflict';
      found.push(stored);
    }
    if (write.current && this.#currentRunId(write.current) !== write.current.expectedRunId) return 'conflict';
    for (const [i, run] of write.runs.entries()) this.#writeRun(run, found[i] ?? NONE, write.lease.partition);
    if (write.current) this.#pointTo(write.current);
    return 'committed';
  }

  /** The row of a run that is to come has version 0: whoever reads runs passes over it. */
  stage({ lease, key, history }: StagedHistory): CommitResult {
    if (this.#writer.isFenced(lease)) return 'fenced';
    const found = this.#find(key);
    if (found.version > 0) return 'conflict';
    const { insertStaged, stageHistory } = this.#statements;
    const { namespaceId, workflowId, runId } = key;
    const id = found.id === 0 ? insertStaged.insert(lease.partition, namespaceId, workflowId, runId) : found.id;
    let bytes = 0;
    for (const batch of history) {
      stageHistory.run(id, batch.firstEventId, batch.lastEventId, batch.data);
      bytes += batch.data.byteLength;
    }
    this.#writer.noteRows(1 + history.length, bytes);
    return 'committed';
  }

  delete(lease: Lease, key: ExecutionKey): CommitResult {
    if (this.#writer.isFenced(lease)) return 'fenced';
    const { id } = this.#find(key);
    const statements = this.#statements;
    this.#known.delete(nameOf(key));
    if (id !== 0) {
      statements.deleteHistory.run(id, id);
      statements.deleteItems.run(id);
      this.#visibility.delete(id);
      statements.deleteExecution.run(id);
    }
    statements.deleteCurrent.run(key.namespaceId, key.workflowId, key.runId);
    return 'committed';
  }

  #find(key: ExecutionKey): Found {
    const known = this.#known.get(nameOf(key));
    if (known !== undefined) return known;
    const row = this.#statements.find.get(key.namespaceId, key.workflowId, key.runId);
    if (row === undefined) return NONE;
    return { id: row[0], version: row[1], wakeAtMs: row[2], isOutstanding: row[3] === 1 };
  }

  #currentRunId(current: CurrentRunWrite): string | undefined {
    return this.#statements.findCurrent.get(current.namespaceId, current.workflowId)?.[0];
  }

  #pointTo(current: CurrentRunWrite): void {
    const { namespaceId, workflowId, expectedRunId, runId } = current;
    if (expectedRunId === undefined) this.#statements.insertCurrent.run(namespaceId, workflowId, runId);
    else this.#statements.updateCurrent.run(runId, namespaceId, workflowId);
    this.#writer.noteRows(1, 0);
  }

  #writeRun(run: RunWrite, found: Found, partition: number): void {
    const id = found.id === 0 ? this.#insert(run, partition) : this.#update(run, found);
    const { expectedVersion, wakeAtMs, outstanding: isOutstanding } = run;
    this.#known.set(nameOf(run.key), { id, version: expectedVersion + 1, wakeAtMs, isOutstanding });
    const { deleteItem, upsertItem, insertHistory } = this.#statements;
    let bytes = run.info.byteLength;
    for (const item of run.deletes) deleteItem.run(id, item.kind, item.key);
    for (const item of run.upserts) {
      upsertItem.run(id, item.kind, item.key, item.data);
      bytes += item.data.byteLength;
    }
    for (const batch of run.history) {
      assert(batch.lastEventId <= EVENT_ID_MASK, 'a history has fewer than 2^24 events');
      insertHistory.run(id, batch.firstEventId, batch.lastEventId, batch.data);
      bytes += batch.data.byteLength;
    }
    if (run.visibility) bytes += this.#visibility.write(id, run.visibility, found.version === 0);
    this.#writer.noteRows(1 + run.deletes.length + run.upserts.length + run.history.length, bytes);
  }

  #insert(run: RunWrite, partition: number): number {
    const { namespaceId, workflowId, runId } = run.key;
    const outstanding = run.outstanding ? 1 : 0;
    return this.#statements.insert.insert(
      partition,
      run.wakeAtMs,
      outstanding,
      namespaceId,
      workflowId,
      runId,
      run.info,
    );
  }

  /** An index costs a write whenever its column is set, changed or not: columns that stay as they are are left out. */
  #update(run: RunWrite, found: Found): number {
    const { id } = found;
    const version = run.expectedVersion + 1;
    const outstanding = run.outstanding ? 1 : 0;
    const statements = this.#statements;
    const isWakeKept = run.wakeAtMs === found.wakeAtMs;
    if (run.outstanding === found.isOutstanding) {
      if (isWakeKept) statements.updateInfo.run(version, run.info, id);
      else statements.updateWake.run(version, run.info, run.wakeAtMs, id);
    } else if (isWakeKept) statements.updateOutstanding.run(version, run.info, outstanding, id);
    else statements.updateAll.run(version, run.info, run.wakeAtMs, outstanding, id);
    return id;
  }
}

type CommitStatements = ReturnType<typeof prepareStatements>;

function prepareStatements(connection: Connection) {
  const range = `BETWEEN (? << ${EVENT_ID_BITS}) AND ((? << ${EVENT_ID_BITS}) | ${EVENT_ID_MASK})`;
  return {
    find: connection.prepare<[number, number, number, number]>(
      `SELECT id, version, wake_at, outstanding FROM executions
       WHERE namespace_id = ? AND workflow_id = ? AND run_id = ?`,
    ),
    insert: connection.prepare(
      `INSERT INTO executions (shard, version, wake_at, outstanding, namespace_id, workflow_id, run_id, info)
       VALUES (?, 1, ?, ?, ?, ?, ?, ?)`,
    ),
    insertStaged: connection.prepare(
      `INSERT INTO executions (shard, version, wake_at, outstanding, namespace_id, workflow_id, run_id, info)
       VALUES (?, 0, 0, 1, ?, ?, ?, x'')`,
    ),
    updateInfo: connection.prepare('UPDATE executions SET version = ?, info = ? WHERE id = ?'),
    updateWake: connection.prepare('UPDATE executions SET version = ?, info = ?, wake_at = ? WHERE id = ?'),
    updateOutstanding: connection.prepare('UPDATE executions SET version = ?, info = ?, outstanding = ? WHERE id = ?'),
    updateAll: connection.prepare(
      'UPDATE executions SET version = ?, info = ?, wake_at = ?, outstanding = ? WHERE id = ?',
    ),
    deleteExecution: connection.prepare('DELETE FROM executions WHERE id = ?'),
    upsertItem: connection.prepare(
      'INSERT OR REPLACE INTO execution_items (execution_id, kind, key, data) VALUES (?, ?, ?, ?)',
    ),
    deleteItem: connection.prepare('DELETE FROM execution_items WHERE execution_id = ? AND kind = ? AND key = ?'),
    deleteItems: connection.prepare('DELETE FROM execution_items WHERE execution_id = ?'),
    insertHistory: connection.prepare(
      `INSERT INTO history_batches (id, last_event_id, data) VALUES ((? << ${EVENT_ID_BITS}) | ?, ?, ?)`,
    ),
    stageHistory: connection.prepare(
      `INSERT OR REPLACE INTO history_batches (id, last_event_id, data) VALUES ((? << ${EVENT_ID_BITS}) | ?, ?, ?)`,
    ),
    deleteHistory: connection.prepare(`DELETE FROM history_batches WHERE id ${range}`),
    findCurrent: connection.prepare<[string]>(
      'SELECT run_id FROM current_runs WHERE namespace_id = ? AND workflow_id = ?',
    ),
    insertCurrent: connection.prepare('INSERT INTO current_runs (namespace_id, workflow_id, run_id) VALUES (?, ?, ?)'),
    updateCurrent: connection.prepare('UPDATE current_runs SET run_id = ? WHERE namespace_id = ? AND workflow_id = ?'),
    deleteCurrent: connection.prepare(
      'DELETE FROM current_runs WHERE namespace_id = ? AND workflow_id = ? AND run_id = ?',
    ),
  };
}
