import type {
  CommitResult,
  DueRun,
  ExecutionKey,
  ExecutionStore,
  ExecutionWrite,
  HistoryBatch,
  HistoryRange,
  Lease,
  StagedHistory,
  StoredRun,
} from '../api/execution-store.ts';
import { ExecutionCommits } from './commit.ts';
import type { Connection } from './connect.ts';
import { EVENT_ID_BITS, EVENT_ID_MASK } from './schema.ts';
import type { Writer } from './writer.ts';

export class SqliteExecutionStore implements ExecutionStore {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #commits: ExecutionCommits;
  readonly #statements: ReadStatements;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
    this.#commits = new ExecutionCommits(connection, writer);
    this.#statements = prepareStatements(connection);
  }

  commit(write: ExecutionWrite): Promise<CommitResult> {
    return this.#writer.submit({ apply: () => this.#commits.commit(write) });
  }

  deleteRun(lease: Lease, key: ExecutionKey): Promise<CommitResult> {
    return this.#writer.submit({ apply: () => this.#commits.delete(lease, key) });
  }

  stageHistory(staged: StagedHistory): Promise<CommitResult> {
    return this.#writer.submit({ apply: () => this.#commits.stage(staged) });
  }

  readCurrentRunId(namespaceId: string, workflowId: string): Promise<string | undefined> {
    return this.#connection.read(() => this.#statements.currentRunId.get(namespaceId, workflowId)?.[0]);
  }

  readRun(key: ExecutionKey): Promise<StoredRun | undefined> {
    return this.#connection.read(() => {
      const row = this.#statements.run.get(key.namespaceId, key.workflowId, key.runId);
      if (row === undefined) return undefined;
      const [id, version, info] = row;
      const items = this.#statements.items.all(id).map(([kind, itemKey, data]) => ({ kind, key: itemKey, data }));
      return { key, version, info, items };
    });
  }

  readHistory(key: ExecutionKey, range: HistoryRange): Promise<readonly HistoryBatch[]> {
    return this.#connection.read(() => {
      const id = this.#statements.runId.get(key.namespaceId, key.workflowId, key.runId)?.[0];
      if (id === undefined) return [];
      const from = clampEventId(range.fromEventId);
      const until = clampEventId(range.untilEventId);
      const { backward, forward } = this.#statements;
      const rows = (range.reverse === true ? backward : forward).all(id, from, until, range.maxBatches);
      return rows.map(([firstEventId, lastEventId, data]) => ({ firstEventId, lastEventId, data }));
    });
  }

  readOutstanding(shards: readonly number[], after: DueRun | undefined, limit: number): Promise<readonly DueRun[]> {
    const { namespaceId, workflowId, runId } = after?.key ?? { namespaceId: '', workflowId: '', runId: '' };
    return this.#connection.read(() =>
      this.#statements.outstanding.all(namespaceId, workflowId, runId, JSON.stringify(shards), limit).map(dueRun),
    );
  }

  readDue(shards: readonly number[], untilMs: number, limit: number): Promise<readonly DueRun[]> {
    return this.#connection.read(() => {
      // The shards are spelled out only when there is something to find: most of the time nothing is due.
      if (this.#statements.anyDue.get(untilMs) === undefined) return [];
      return this.#statements.due.all(untilMs, JSON.stringify(shards), limit).map(dueRun);
    });
  }
}

type DueRow = [namespaceId: string, workflowId: string, runId: string, shard: number, wakeAtMs: number];

const dueRun = ([namespaceId, workflowId, runId, partition, wakeAtMs]: DueRow): DueRun => ({
  key: { namespaceId, workflowId, runId },
  partition,
  wakeAtMs,
});

const clampEventId = (eventId: number): number => Math.max(0, Math.min(eventId, EVENT_ID_MASK));

type ReadStatements = ReturnType<typeof prepareStatements>;
type BatchRow = [firstEventId: number, lastEventId: number, data: Uint8Array];

function prepareStatements(connection: Connection) {
  const byKey = 'FROM executions WHERE namespace_id = ? AND workflow_id = ? AND run_id = ?';
  return {
    currentRunId: connection.prepare<[string]>(
      'SELECT run_id FROM current_runs WHERE namespace_id = ? AND workflow_id = ?',
    ),
    runId: connection.prepare<[number]>(`SELECT id ${byKey} AND version > 0`),
    run: connection.prepare<[number, number, Uint8Array]>(`SELECT id, version, info ${byKey} AND version > 0`),
    items: connection.prepare<[number, string, Uint8Array]>(
      'SELECT kind, key, data FROM execution_items WHERE execution_id = ? ORDER BY kind, key',
    ),
    forward: connection.prepare<BatchRow>(historySql('ASC')),
    backward: connection.prepare<BatchRow>(historySql('DESC')),
    outstanding: connection.prepare<DueRow>(
      `SELECT namespace_id, workflow_id, run_id, shard, wake_at
       FROM executions INDEXED BY executions_outstanding
       WHERE outstanding = 1 AND (namespace_id, workflow_id, run_id) > (?, ?, ?)
         AND shard IN (SELECT value FROM json_each(?))
       ORDER BY namespace_id, workflow_id, run_id LIMIT ?`,
    ),
    anyDue: connection.prepare<[number]>(
      `SELECT 1 FROM executions INDEXED BY executions_wake WHERE wake_at > 0 AND wake_at <= ? LIMIT 1`,
    ),
    due: connection.prepare<DueRow>(
      `SELECT namespace_id, workflow_id, run_id, shard, wake_at
       FROM executions INDEXED BY executions_wake
       WHERE wake_at > 0 AND wake_at <= ? AND shard IN (SELECT value FROM json_each(?))
       ORDER BY wake_at, namespace_id, workflow_id, run_id LIMIT ?`,
    ),
  };
}

/** Parameters: row of the run, first event wanted, first event not wanted, batches. The batch with the first event counts. */
function historySql(order: 'ASC' | 'DESC'): string {
  const batchWithFirst = `SELECT max(id) FROM history_batches
    WHERE id BETWEEN (?1 << ${EVENT_ID_BITS}) AND ((?1 << ${EVENT_ID_BITS}) | ?2)`;
  return `SELECT id & ${EVENT_ID_MASK}, last_event_id, data FROM history_batches
    WHERE id >= coalesce((${batchWithFirst}), ?1 << ${EVENT_ID_BITS})
      AND id < ((?1 << ${EVENT_ID_BITS}) | ?3) AND last_event_id >= ?2
    ORDER BY id ${order} LIMIT ?4`;
}
