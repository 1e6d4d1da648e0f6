import type { TimestampMs } from '@duramesh/runtime';
import type { CommitResult, Lease } from './execution-store.ts';

/** A task nobody polled for, waiting in the backlog of one task-queue partition. */
export interface BacklogTask {
  /** Order within the queue; unique under the slot's lease. */
  readonly taskId: number;
  /** Names the work itself: adding it again while it waits changes nothing. */
  readonly dedupeKey: string;
  /** Encoded duramesh.matching.v1.TaskRef. */
  readonly data: Uint8Array;
  /** 0 means never. */
  readonly expiresMs: TimestampMs;
}

/** Stored backlogs. `queue` is the partition key of contracts. */
export interface TaskQueueStore {
  /** Joins the commit queue of the store. A dedupe key that waits already is left as it is. */
  append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): Promise<CommitResult>;
  read(queue: string, afterTaskId: number, limit: number): Promise<readonly BacklogTask[]>;
  remove(lease: Lease, queue: string, taskIds: readonly number[]): Promise<CommitResult>;
  count(queue: string): Promise<{ readonly count: number; readonly oldestMs: TimestampMs | undefined }>;
}
