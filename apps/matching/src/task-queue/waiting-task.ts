import type { TaskRef } from '@duramesh/proto';

const DEFAULT_PRIORITY = 3;
const LOWEST_PRIORITY = 5;

/** Who added a task and still waits to hear that it is stored (true) or with a worker (false). */
export interface AddCall {
  resolve(stored: boolean): void;
  reject(error: Error): void;
}

export interface WaitingTaskFields {
  readonly taskId: number;
  readonly ref: TaskRef;
  readonly addedMs: number;
  readonly add?: AddCall;
}

/** A task in the memory of its queue: waiting for a poller, or offered to one. */
export class WaitingTask {
  readonly taskId: number;
  readonly ref: TaskRef;
  readonly addedMs: number;
  /** 1 is the most urgent. */
  readonly priority: number;
  /** Whether the store has a row of it. */
  row: 'none' | 'writing' | 'stored' = 'none';
  /** A worker has it, or nobody needs it any more. */
  isFinished = false;
  add: AddCall | undefined;

  constructor({ taskId, ref, addedMs, add }: WaitingTaskFields) {
    this.taskId = taskId;
    this.ref = ref;
    this.addedMs = addedMs;
    this.add = add;
    const key = ref.priority?.priorityKey ?? 0;
    this.priority = key > 0 ? Math.min(key, LOWEST_PRIORITY) : DEFAULT_PRIORITY;
  }

  get isUrgent(): boolean {
    return this.priority < DEFAULT_PRIORITY;
  }

  /** Names the work itself, so that adding it twice stores it once. */
  get dedupeKey(): string {
    const { workflowId, runId, scheduledEventId, attempt, stamp } = this.ref;
    return `${runId}/${scheduledEventId}/${attempt}/${stamp}/${workflowId}`;
  }

  isExpired(nowMs: number): boolean {
    return this.ref.expiresMs !== 0 && this.ref.expiresMs <= nowMs;
  }

  /** Answers the add call, if it still waits. */
  acknowledge(stored: boolean): void {
    this.add?.resolve(stored);
    this.add = undefined;
  }

  refuse(error: Error): void {
    this.add?.reject(error);
    this.add = undefined;
  }
}
