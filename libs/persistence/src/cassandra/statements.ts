import type { ExecutionKey, HistoryBatch, ItemRow, LeaseKind, RunWrite } from '../api/execution-store.ts';
import type { Statement } from './connect.ts';
import type { ListEntry, ListPlace } from './list-entry.ts';
import { BUCKETS } from './schema.ts';
import type { Stamp } from './stamp.ts';

export interface RangeRow {
  readonly range_id: bigint | null;
  /** Of the last batch that was stored. */
  readonly batch_stamp: Stamp | null;
}

export type LaneStatements = ReturnType<typeof laneStatements>;

/** The lease of a partition. A range id of 0 stands for a partition that nobody ever had. */
export function laneStatements(kind: LeaseKind) {
  const table = kind === 'history' ? 'executions' : 'backlog';
  return {
    range: (partition: number): Statement => ({
      query: `SELECT DISTINCT range_id, batch_stamp FROM ${table} WHERE partition_id = ?`,
      values: [partition],
    }),
    raise: (partition: number, from: number): Statement => ({
      query: `UPDATE ${table} SET range_id = ? WHERE partition_id = ? IF range_id = ?`,
      values: [BigInt(from + 1), partition, from === 0 ? null : BigInt(from)],
    }),
    fence: ({ partition, rangeId, stamp }: { partition: number; rangeId: number; stamp: Stamp }): Statement => ({
      query: `UPDATE ${table} SET batch_stamp = ? WHERE partition_id = ? IF range_id = ?`,
      values: [stamp, partition, BigInt(rangeId)],
    }),
  };
}

export type WorkflowKey = Pick<ExecutionKey, 'namespaceId' | 'workflowId'>;

const WORKFLOW = 'namespace_id = ? AND workflow_id = ?';
const RUN = `${WORKFLOW} AND run_id = ?`;
/** Beside the rows of its items (kind 0 and up) a run has a head, and so has the pointer of its workflow. */
const HEAD = `kind = -1 AND item_key = ''`;

const workflowValues = (key: WorkflowKey): readonly string[] => [key.namespaceId, key.workflowId];
const runValues = (key: ExecutionKey): readonly string[] => [key.namespaceId, key.workflowId, key.runId];

/** A run in its shard. */
export interface RunPlace {
  readonly partition: number;
  readonly key: ExecutionKey;
}

export interface HeadRow {
  readonly namespace_id: string;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly kind: number;
  /** Of the shard: the last batch that was stored. */
  readonly batch_stamp: Stamp | null;
  /** null for a run whose history is staged, and for the pointer of a workflow. */
  readonly version: number | null;
  readonly wake_at: number | null;
  readonly outstanding: boolean | null;
  readonly staged: boolean | null;
  readonly history_writes: ReadonlyMap<number, string> | null;
  readonly last_event_id: number | null;
  readonly entry: string | null;
  readonly close_key: number | null;
  readonly start_key: number | null;
  readonly current_run_id: string | null;
}

export interface RunRow {
  readonly kind: number;
  readonly item_key: string;
  readonly version: number | null;
  readonly info: Uint8Array | null;
  readonly data: Uint8Array | null;
}

const HEAD_COLUMNS = `namespace_id, workflow_id, run_id, kind, batch_stamp, version, wake_at, outstanding, staged,
  history_writes, last_event_id, entry, close_key, start_key, current_run_id`;

/** The rows of shards; all writes of them belong into conditional batches. */
export const runs = {
  head: ({ partition, key }: RunPlace): Statement => ({
    query: `SELECT ${HEAD_COLUMNS} FROM executions WHERE partition_id = ? AND ${RUN} AND ${HEAD}`,
    values: [partition, ...runValues(key)],
  }),
  /** All rows of a run. */
  whole: ({ partition, key }: RunPlace): Statement => ({
    query: `SELECT kind, item_key, version, info, data FROM executions WHERE partition_id = ? AND ${RUN}`,
    values: [partition, ...runValues(key)],
  }),
  ofWorkflow: (partition: number, key: WorkflowKey): Statement => ({
    query: `SELECT ${HEAD_COLUMNS} FROM executions WHERE partition_id = ? AND ${WORKFLOW}`,
    values: [partition, ...workflowValues(key)],
  }),
  anyOfWorkflow: (partition: number, key: WorkflowKey): Statement => ({
    query: `SELECT run_id FROM executions WHERE partition_id = ? AND ${WORKFLOW} LIMIT 1`,
    values: [partition, ...workflowValues(key)],
  }),
  ofShard: (partition: number): Statement => ({
    query: `SELECT ${HEAD_COLUMNS} FROM executions WHERE partition_id = ?`,
    values: [partition],
  }),
  put: ({ partition, key }: RunPlace, run: RunWrite): Statement => ({
    query: `UPDATE executions SET version = ?, info = ?, wake_at = ?, outstanding = ?, staged = false
      WHERE partition_id = ? AND ${RUN} AND ${HEAD} IF version = ?`,
    values: [
      run.expectedVersion + 1,
      bytesOf(run.info),
      run.wakeAtMs,
      run.outstanding,
      partition,
      ...runValues(key),
      run.expectedVersion === 0 ? null : run.expectedVersion,
    ],
  }),
  /** Who wrote its history from this event on. */
  putHistoryWrite: ({ partition, key }: RunPlace, from: number, writeId: string): Statement => ({
    query: `UPDATE executions SET history_writes = history_writes + ? WHERE partition_id = ? AND ${RUN} AND ${HEAD}`,
    values: [new Map([[from, writeId]]), partition, ...runValues(key)],
  }),
  putLastEvent: ({ partition, key }: RunPlace, lastEventId: number): Statement => ({
    query: `UPDATE executions SET last_event_id = ? WHERE partition_id = ? AND ${RUN} AND ${HEAD}`,
    values: [lastEventId, partition, ...runValues(key)],
  }),
  putEntry: ({ partition, key }: RunPlace, { text, place }: ListEntry): Statement => ({
    query: `UPDATE executions SET entry = ?, close_key = ?, start_key = ?
      WHERE partition_id = ? AND ${RUN} AND ${HEAD}`,
    values: [text, place.closeKey, place.startKey, partition, ...runValues(key)],
  }),
  putStaged: ({ partition, key }: RunPlace): Statement => ({
    query: `UPDATE executions SET staged = true, outstanding = true, wake_at = 0
      WHERE partition_id = ? AND ${RUN} AND ${HEAD} IF version = null`,
    values: [partition, ...runValues(key)],
  }),
  putItem: ({ partition, key }: RunPlace, item: ItemRow): Statement => ({
    query: `INSERT INTO executions (partition_id, namespace_id, workflow_id, run_id, kind, item_key, data)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    values: [partition, ...runValues(key), item.kind, item.key, bytesOf(item.data)],
  }),
  dropItem: ({ partition, key }: RunPlace, item: Pick<ItemRow, 'kind' | 'key'>): Statement => ({
    query: `DELETE FROM executions WHERE partition_id = ? AND ${RUN} AND kind = ? AND item_key = ?`,
    values: [partition, ...runValues(key), item.kind, item.key],
  }),
  drop: ({ partition, key }: RunPlace): Statement => ({
    query: `DELETE FROM executions WHERE partition_id = ? AND ${RUN}`,
    values: [partition, ...runValues(key)],
  }),
  pointer: (partition: number, key: WorkflowKey): Statement => ({
    query: `SELECT current_run_id FROM executions WHERE partition_id = ? AND ${WORKFLOW} AND run_id = '' AND ${HEAD}`,
    values: [partition, ...workflowValues(key)],
  }),
  movePointer: ({ partition, key }: RunPlace, expected: string | undefined): Statement => ({
    query: `UPDATE executions SET current_run_id = ?
      WHERE partition_id = ? AND ${WORKFLOW} AND run_id = '' AND ${HEAD} IF current_run_id = ?`,
    values: [key.runId, partition, ...workflowValues(key), expected ?? null],
  }),
  dropPointer: ({ partition, key }: RunPlace): Statement => ({
    query: `DELETE FROM executions
      WHERE partition_id = ? AND ${WORKFLOW} AND run_id = '' AND ${HEAD} IF current_run_id = ?`,
    values: [partition, ...workflowValues(key), key.runId],
  }),
};

/** A row beside the partition of its run: whose it is, and under which stamp it is written or removed. */
export interface HintPlace extends RunPlace {
  readonly stamp: Stamp;
}

const bucketOf = (partition: number): number => partition % BUCKETS;
/** The buckets in which entries of these shards lie. */
export const bucketsOf = (partitions: readonly number[]): readonly number[] => [...new Set(partitions.map(bucketOf))];

/** In which shard a workflow lies, and what runs of many shards wait for. */
export const hints = {
  shard: (key: WorkflowKey): Statement => ({
    query: `SELECT partition_id FROM workflow_shards WHERE ${WORKFLOW}`,
    values: workflowValues(key),
  }),
  putShard: ({ key, partition, stamp }: HintPlace): Statement => ({
    query: 'INSERT INTO workflow_shards (namespace_id, workflow_id, partition_id) VALUES (?, ?, ?) USING TIMESTAMP ?',
    values: [...workflowValues(key), partition, stamp],
  }),
  dropShard: ({ key, stamp }: HintPlace): Statement => ({
    query: `DELETE FROM workflow_shards USING TIMESTAMP ? WHERE ${WORKFLOW}`,
    values: [stamp, ...workflowValues(key)],
  }),
  putWake: ({ key, partition, stamp }: HintPlace, wakeAtMs: number): Statement => ({
    query: `INSERT INTO wakes (bucket, wake_at, namespace_id, workflow_id, run_id, partition_id, stamp)
      VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    values: [bucketOf(partition), wakeAtMs, ...runValues(key), partition, stamp, stamp],
  }),
  dropWake: ({ key, partition, stamp }: HintPlace, wakeAtMs: number): Statement => ({
    query: `DELETE FROM wakes USING TIMESTAMP ? WHERE bucket = ? AND wake_at = ? AND ${RUN}`,
    values: [stamp, bucketOf(partition), wakeAtMs, ...runValues(key)],
  }),
  putOutstanding: ({ key, partition, stamp }: HintPlace): Statement => ({
    query: `INSERT INTO outstanding (bucket, namespace_id, workflow_id, run_id, partition_id, stamp)
      VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    values: [bucketOf(partition), ...runValues(key), partition, stamp, stamp],
  }),
  dropOutstanding: ({ key, partition, stamp }: HintPlace): Statement => ({
    query: `DELETE FROM outstanding USING TIMESTAMP ? WHERE bucket = ? AND ${RUN}`,
    values: [stamp, bucketOf(partition), ...runValues(key)],
  }),
};

export interface BatchRow {
  readonly first_event_id: number;
  readonly write_id: string;
  readonly last_event_id: number;
  readonly data: Uint8Array;
}

export interface BatchRange {
  readonly from: number;
  readonly until: number;
  readonly limit: number;
}

const SELECT_BATCHES = `SELECT first_event_id, write_id, last_event_id, data FROM history
  WHERE ${RUN} AND first_event_id >= ? AND first_event_id < ?`;

/** Batches of history, named by their writers: only those that the head of the run vouches for are ever shown. */
export const histories = {
  put: ({ key, stamp }: HintPlace, batch: HistoryBatch, writeId: string): Statement => ({
    query: `INSERT INTO history (namespace_id, workflow_id, run_id, first_event_id, write_id, last_event_id, data)
      VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    values: [...runValues(key), batch.firstEventId, writeId, batch.lastEventId, bytesOf(batch.data), stamp],
  }),
  dropBatch: ({ key, stamp }: HintPlace, batch: HistoryBatch, writeId: string): Statement => ({
    query: `DELETE FROM history USING TIMESTAMP ? WHERE ${RUN} AND first_event_id = ? AND write_id = ?`,
    values: [stamp, ...runValues(key), batch.firstEventId, writeId],
  }),
  drop: ({ key, stamp }: HintPlace): Statement => ({
    query: `DELETE FROM history USING TIMESTAMP ? WHERE ${RUN}`,
    values: [stamp, ...runValues(key)],
  }),
  forward: (key: ExecutionKey, { from, until, limit }: BatchRange): Statement => ({
    query: `${SELECT_BATCHES} LIMIT ?`,
    values: [...runValues(key), from, until, limit],
  }),
  backward: (key: ExecutionKey, { from, until, limit }: BatchRange): Statement => ({
    query: `${SELECT_BATCHES} ORDER BY first_event_id DESC, write_id DESC LIMIT ?`,
    values: [...runValues(key), from, until, limit],
  }),
};

const LIST_BUCKET = 'namespace_id = ? AND bucket = ?';
const LIST_ROW = `${LIST_BUCKET} AND close_key = ? AND start_key = ? AND run_id = ?`;
const listValues = ({ namespaceId, runId }: ExecutionKey, { bucket, closeKey, startKey }: ListPlace) => [
  namespaceId,
  bucket,
  closeKey,
  startKey,
  runId,
];

/** Rows of lists. One is believed as it stands when it is `sure` of its own stamp; otherwise the head of the run is asked. */
export const lists = {
  put: ({ key, partition, stamp }: HintPlace, { text, place }: ListEntry): Statement => ({
    query: `INSERT INTO visibility
      (namespace_id, bucket, close_key, start_key, run_id, partition_id, workflow_id, entry, stamp)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    values: [...listValues(key, place), partition, key.workflowId, text, stamp, stamp],
  }),
  vouch: ({ key, stamp }: HintPlace, place: ListPlace, of: Stamp): Statement => ({
    query: `UPDATE visibility USING TIMESTAMP ? SET sure = ? WHERE ${LIST_ROW}`,
    values: [stamp, of, ...listValues(key, place)],
  }),
  drop: ({ key, stamp }: HintPlace, place: ListPlace): Statement => ({
    query: `DELETE FROM visibility USING TIMESTAMP ? WHERE ${LIST_ROW}`,
    values: [stamp, ...listValues(key, place)],
  }),
};

/** The driver takes Buffers only. */
export const bytesOf = (data: Uint8Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
