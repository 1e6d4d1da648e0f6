import type {
  CommitResult,
  DueRun,
  ExecutionKey,
  ExecutionStore,
  ExecutionWrite,
  HistoryBatch,
  HistoryRange,
  ItemRow,
  Lease,
  StagedHistory,
  StoredRun,
} from '../api/execution-store.ts';
import { compareKeywords } from '@duramesh/visibility';
import { plain, type Sql } from '../sql/sql.ts';
import type { Database } from './connect.ts';
import { isBehind, sql, type SqlValue, textIn, valueList } from './literals.ts';
import type { Writer } from './writer.ts';

export class MysqlExecutionStore implements ExecutionStore {
  readonly #database: Database;
  readonly #writer: Writer;

  constructor(database: Database, writer: Writer) {
    this.#database = database;
    this.#writer = writer;
  }

  commit(write: ExecutionWrite): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'commit', lease: write.lease, write });
  }

  deleteRun(lease: Lease, key: ExecutionKey): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'delete', lease, key });
  }

  stageHistory(staged: StagedHistory): Promise<CommitResult> {
    return this.#writer.submit({ kind: 'stage', lease: staged.lease, staged });
  }

  async readCurrentRunId(namespaceId: string, workflowId: string): Promise<string | undefined> {
    const [row] = await this.#database.read<[runId: Uint8Array]>(
      sql`SELECT run_id FROM current_runs WHERE namespace_id = ${namespaceId} AND workflow_id = ${workflowId}`,
    );
    return row && textIn(row[0]);
  }

  /** The run and its items in one statement, so that they are of one moment; the run itself comes once. */
  async readRun(key: ExecutionKey): Promise<StoredRun | undefined> {
    const rows = await this.#database.read<RunRow>(
      sql`(SELECT e.version, e.info, NULL AS kind, NULL AS item_key, NULL AS data
          FROM executions e WHERE ${is(key)} AND e.version > 0)
        UNION ALL (SELECT NULL, NULL, i.kind, i.item_key, i.data
          FROM executions e JOIN execution_items i ON i.execution_id = e.id WHERE ${is(key)} AND e.version > 0)`,
    );
    let run: Pick<StoredRun, 'version' | 'info'> | undefined;
    const items: ItemRow[] = [];
    for (const [version, info, kind, itemKey, data] of rows) {
      if (version !== null && info !== null) run = { version, info };
      if (kind !== null && itemKey !== null && data !== null) items.push({ kind, key: textIn(itemKey), data });
    }
    items.sort((a, b) => a.kind - b.kind || compareKeywords(a.key, b.key));
    return run && { key, ...run, items };
  }

  async readHistory(key: ExecutionKey, range: HistoryRange): Promise<readonly HistoryBatch[]> {
    const { fromEventId, untilEventId, maxBatches } = range;
    const order = plain(range.reverse === true ? 'DESC' : 'ASC');
    const rows = await this.#database.read<[firstEventId: number, lastEventId: number, data: Uint8Array]>(
      sql`SELECT h.first_event_id, h.last_event_id, h.data ${batchesOf(key)}
        AND h.last_event_id >= ${clamped(fromEventId)} AND h.first_event_id < ${clamped(untilEventId)}
        AND h.first_event_id >= ${await this.#startOfBatch(key, fromEventId)}
        ORDER BY h.first_event_id ${order} LIMIT ${maxBatches}`,
    );
    return rows.map(([firstEventId, lastEventId, data]) => ({ firstEventId, lastEventId, data }));
  }

  /** Where the batch that holds an event begins: from there on the index is read, and not from the beginning. */
  async #startOfBatch(key: ExecutionKey, eventId: number): Promise<number> {
    if (eventId <= 1) return 0;
    const [row] = await this.#database.read<[firstEventId: number]>(
      sql`SELECT h.first_event_id ${batchesOf(key)} AND h.first_event_id <= ${clamped(eventId)}
        ORDER BY h.first_event_id DESC LIMIT 1`,
    );
    return row?.[0] ?? 0;
  }

  async readOutstanding(
    shards: readonly number[],
    after: DueRun | undefined,
    limit: number,
  ): Promise<readonly DueRun[]> {
    if (shards.length === 0) return [];
    const { namespaceId, workflowId, runId } = after?.key ?? { namespaceId: '', workflowId: '', runId: '' };
    const place = isBehind(['o.namespace_id', 'o.workflow_id', 'o.run_id'], [namespaceId, workflowId, runId]);
    const rows = await this.#database.read<DueRow>(
      sql`SELECT e.namespace_id, e.workflow_id, e.run_id, e.shard, e.wake_at
        FROM outstanding_runs o FORCE INDEX (PRIMARY) STRAIGHT_JOIN executions e ON e.id = o.execution_id
        WHERE o.shard IN (${valueList(shards)}) AND ${place}
        ORDER BY o.namespace_id, o.workflow_id, o.run_id LIMIT ${limit}`,
    );
    return rows.map(dueRun);
  }

  async readDue(shards: readonly number[], untilMs: number, limit: number): Promise<readonly DueRun[]> {
    if (shards.length === 0) return [];
    // The shards are spelled out only when there is something to find: most of the time nothing is due.
    const isDue = sql`FROM executions FORCE INDEX (executions_wake) WHERE wake_at > 0 AND wake_at <= ${untilMs}`;
    const [any] = await this.#database.read(sql`SELECT 1 ${isDue} LIMIT 1`);
    if (any === undefined) return [];
    const rows = await this.#database.read<DueRow>(
      sql`SELECT namespace_id, workflow_id, run_id, shard, wake_at ${isDue} AND shard IN (${valueList(shards)})
        ORDER BY wake_at, namespace_id, workflow_id, run_id LIMIT ${limit}`,
    );
    return rows.map(dueRun);
  }
}

type RunRow = [
  version: number | null,
  info: Uint8Array | null,
  kind: number | null,
  itemKey: Uint8Array | null,
  data: Uint8Array | null,
];

type DueRow = [namespaceId: Uint8Array, workflowId: Uint8Array, runId: Uint8Array, shard: number, wakeAtMs: number];

const dueRun = ([namespaceId, workflowId, runId, partition, wakeAtMs]: DueRow): DueRun => ({
  key: { namespaceId: textIn(namespaceId), workflowId: textIn(workflowId), runId: textIn(runId) },
  partition,
  wakeAtMs,
});

const is = ({ namespaceId, workflowId, runId }: ExecutionKey): Sql<SqlValue> =>
  sql`e.namespace_id = ${namespaceId} AND e.workflow_id = ${workflowId} AND e.run_id = ${runId}`;

const batchesOf = (key: ExecutionKey): Sql<SqlValue> =>
  sql`FROM executions e JOIN history_batches h ON h.execution_id = e.id WHERE ${is(key)} AND e.version > 0`;

const LARGEST_EVENT_ID = 2 ** 31 - 1;
const clamped = (eventId: number): number => Math.max(0, Math.min(eventId, LARGEST_EVENT_ID));
