import type { TimestampMs } from '@duramesh/runtime';
import type { CommitResult, Lease } from './execution-store.ts';

/** A task nobody polled for, waiting in the backlog of one task-queue partition. */
export interface BacklogTask extends BacklogPosition {
  /** Names the work itself: adding it again while it waits changes nothing. */
  readonly dedupeKey: string;
  /** Of its priority: each level is a backlog of its own. 1 is the most urgent. */
  readonly level: number;
  /** Whose turn it takes within its level. */
  readonly fairnessKey: string;
  /** Encoded duramesh.matching.v1.TaskRef. */
  readonly data: Uint8Array;
  /** 0 means never. */
  readonly expiresMs: TimestampMs;
}

/** Where a task stands within its level: by pass, then by task id. */
export interface BacklogPosition {
  /** Lower ones come first. */
  readonly pass: number;
  /** Unique under the slot's lease. */
  readonly taskId: number;
}

/** Stored backlogs, and what operators set for queues. `queue` is the partition key of contracts. */
export interface TaskQueueStore {
  /** Joins the commit queue of the store. A dedupe key that waits already is left as it is. */
  append(lease: Lease, queue: string, tasks: readonly BacklogTask[]): Promise<CommitResult>;
  /** The next tasks of a level behind a position, in their order. */
  read(
    queue: string,
    level: number,
    page: { readonly after: BacklogPosition; readonly limit: number },
  ): Promise<readonly BacklogTask[]>;
  remove(lease: Lease, queue: string, taskIds: readonly number[]): Promise<CommitResult>;
  /** How many tasks wait, by level; levels without any are left out. */
  countByLevel(queue: string): Promise<ReadonlyMap<number, number>>;
  /** The highest pass among the tasks of one key in one level; undefined when none waits. */
  lastPass(queue: string, level: number, fairnessKey: string): Promise<number | undefined>;
  /** Encoded temporal.api.taskqueue.v1.TaskQueueConfig; undefined when nobody ever set one. */
  readConfig(queue: string): Promise<Uint8Array | undefined>;
  /** Replaces the configuration. Writing the same again changes nothing. */
  writeConfig(lease: Lease, queue: string, config: Uint8Array): Promise<CommitResult>;
}
