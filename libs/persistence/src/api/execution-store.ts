import type { TimestampMs } from '@duramesh/runtime';
import type { VisibilityRow } from './visibility-store.ts';

export interface ExecutionKey {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** Proof that the holder owned the partition when it was granted. The store checks it inside every write. */
export interface Lease {
  readonly kind: LeaseKind;
  /** Shard of history or slot of matching. */
  readonly partition: number;
  /** Raised by every acquisition: an older one is fenced. */
  readonly rangeId: number;
}
export type LeaseKind = 'history' | 'matching';

/** One entry of a large collection of a run (an activity, a timer, a buffered event, …), stored as a row of its own. */
export interface ItemRow {
  readonly kind: number;
  /** Unique within its kind. */
  readonly key: string;
  readonly data: Uint8Array;
}

/** The events of one transition or part of it; never split. */
export interface HistoryBatch {
  readonly firstEventId: number;
  readonly lastEventId: number;
  /** An encoded temporal.api.history.v1.History, so that batches can be joined by appending their bytes. */
  readonly data: Uint8Array;
}

export interface RunWrite {
  readonly key: ExecutionKey;
  /** The record version this write was decided on; 0 means the run must not exist yet. The write raises it by one. */
  readonly expectedVersion: number;
  /** Encoded duramesh.state.v1.ExecutionInfo. */
  readonly info: Uint8Array;
  readonly upserts: readonly ItemRow[];
  readonly deletes: readonly { readonly kind: number; readonly key: string }[];
  readonly history: readonly HistoryBatch[];
  /** When the run next wants to be looked at; 0 means never. */
  readonly wakeAtMs: TimestampMs;
  /** The run waits for immediate work (a task to dispatch): a new owner of the shard must find it. */
  readonly outstanding: boolean;
  /** The list entry after this transition, or undefined when it did not change. */
  readonly visibility: VisibilityRow | undefined;
}

/** The beginning of a history, or a further part of it, for a run that a later commit creates. */
export interface StagedHistory {
  readonly lease: Lease;
  readonly key: ExecutionKey;
  readonly history: readonly HistoryBatch[];
}

/** Moves the pointer from a workflow id to its current run. */
export interface CurrentRunWrite {
  readonly namespaceId: string;
  readonly workflowId: string;
  /** What the pointer must be now; undefined means there must be none. */
  readonly expectedRunId: string | undefined;
  readonly runId: string;
}

/** All or nothing: one or more runs of one workflow id, under the lease of its shard. */
export interface ExecutionWrite {
  readonly lease: Lease;
  readonly runs: readonly RunWrite[];
  readonly current: CurrentRunWrite | undefined;
}

/**
 * What a commit can come to. Each needs its own answer, so they are values, not exceptions:
 * - `committed`  history, state, pointer and visibility are all durable;
 * - `conflict`   nothing is durable, another write under a valid lease came first: reload and decide again;
 * - `fenced`     nothing is durable, the partition has a newer owner: stop serving it;
 * - `unknown`    the reply was lost: take a new lease before reading, so that a late write cannot land.
 */
export type CommitResult = 'committed' | 'conflict' | 'fenced' | 'unknown';

export interface StoredRun {
  readonly key: ExecutionKey;
  readonly version: number;
  readonly info: Uint8Array;
  readonly items: readonly ItemRow[];
}

export interface DueRun {
  readonly key: ExecutionKey;
  readonly partition: number;
  readonly wakeAtMs: TimestampMs;
}

export interface HistoryRange {
  /** The batch that holds this event is the first one returned (the last one when reading backwards). */
  readonly fromEventId: number;
  /** Events from here on are not wanted. */
  readonly untilEventId: number;
  readonly maxBatches: number;
  readonly reverse?: boolean;
}

/** Workflow runs: the only truth about them. Reads and writes may be grouped with those of other callers. */
export interface ExecutionStore {
  /** Joins other commits of this moment in one transaction; a conflict in one never fails its neighbours. */
  commit(write: ExecutionWrite): Promise<CommitResult>;
  /**
   * Writes history ahead of the commit that creates its run, where together they would be too large for one transaction.
   * Until then nobody reads it, but for `readOutstanding`, which shows a run that `readRun` does not know: where no such
   * commit comes, `deleteRun` removes what was written. Repeating a part is harmless; a run that exists is a conflict.
   */
  stageHistory(staged: StagedHistory): Promise<CommitResult>;
  readCurrentRunId(namespaceId: string, workflowId: string): Promise<string | undefined>;
  readRun(key: ExecutionKey): Promise<StoredRun | undefined>;
  /** Batches in event order (newest first when reversed). */
  readHistory(key: ExecutionKey, range: HistoryRange): Promise<readonly HistoryBatch[]>;
  /** Runs of all these shards with outstanding work, in one query; ordered by key, after the given one. */
  readOutstanding(shards: readonly number[], after: DueRun | undefined, limit: number): Promise<readonly DueRun[]>;
  /** Runs of all these shards that want to be woken at or before `untilMs`, earliest first, in one query. */
  readDue(shards: readonly number[], untilMs: TimestampMs, limit: number): Promise<readonly DueRun[]>;
  /** Removes a run with its history, items and list entry, and the pointer if it still names the run. Idempotent. */
  deleteRun(lease: Lease, key: ExecutionKey): Promise<CommitResult>;
}
