import type { TaskRef } from '@duramesh/proto';
import type { HeapItem } from './heap.ts';

/** Priorities: 1 is the most urgent, everything beyond the last is as urgent as the last. @see spec-matching 4.1 */
export const LEVELS = 5;
export const DEFAULT_LEVEL = 3;

/** Who brought a task, and waits to hear what becomes of it. Hears one of these, once. */
export interface TaskCaller {
  /** It is durable. */
  stored(): void;
  /** STARTED or DROPPED of OfferOutcome: nobody needs it any more. */
  over(outcome: number): void;
  /** It is the caller's again. */
  refused(error: Error): void;
}

export interface WaitingTaskFields {
  readonly taskId: number;
  readonly ref: TaskRef;
  readonly addedMs: number;
  readonly caller?: TaskCaller;
  /** When a partition that forwards it wants it back. */
  readonly forwardedUntilMs?: number;
  /** Of its row, which says it better than the priority once the number of levels has changed. */
  readonly level?: number;
}

/** A task in the memory of its queue: waiting for a poller, or offered to one. */
export class WaitingTask implements HeapItem {
  readonly taskId: number;
  readonly ref: TaskRef;
  readonly addedMs: number;
  /** Its priority. */
  readonly level: number;
  readonly fairnessKey: string;
  readonly forwardedUntilMs: number | undefined;
  /** Its turn within the level, see {@link FairShares}. */
  pass: number | undefined;
  heapAt = -1;
  /** Whether the store has a row of it. */
  row: 'none' | 'writing' | 'stored' = 'none';
  /** A worker has it, or nobody needs it any more. */
  isFinished = false;
  #caller: TaskCaller | undefined;

  constructor({ taskId, ref, addedMs, caller, forwardedUntilMs, level }: WaitingTaskFields) {
    this.taskId = taskId;
    this.ref = ref;
    this.addedMs = addedMs;
    this.forwardedUntilMs = forwardedUntilMs;
    this.#caller = caller;
    this.level = level ?? levelOf(ref);
    this.fairnessKey = ref.priority?.fairnessKey ?? '';
  }

  /** Of another partition, which stores it. */
  get isForwarded(): boolean {
    return this.forwardedUntilMs !== undefined;
  }

  /** Names the work itself, so that adding it twice stores it once. */
  get dedupeKey(): string {
    const { workflowId, runId, scheduledEventId, attempt, stamp } = this.ref;
    return `${runId}/${scheduledEventId}/${attempt}/${stamp}/${workflowId}`;
  }

  isExpired(nowMs: number): boolean {
    return this.ref.expiresMs !== 0 && this.ref.expiresMs <= nowMs;
  }

  tellStored(): void {
    this.#take()?.stored();
  }

  tellOver(outcome: number): void {
    this.#take()?.over(outcome);
  }

  refuse(error: Error): void {
    this.#take()?.refused(error);
  }

  #take(): TaskCaller | undefined {
    const caller = this.#caller;
    this.#caller = undefined;
    return caller;
  }
}

function levelOf({ priority }: TaskRef): number {
  const key = priority?.priorityKey ?? 0;
  return key > 0 ? Math.min(key, LEVELS) : DEFAULT_LEVEL;
}

/** Whose turn comes first within a level. */
export const isBefore = (a: WaitingTask, b: WaitingTask): boolean => {
  const [passA, passB] = [a.pass ?? 0, b.pass ?? 0];
  return passA < passB || (passA === passB && a.taskId < b.taskId);
};
