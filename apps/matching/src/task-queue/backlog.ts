import { resourceExhausted } from '@duramesh/contracts';
import type { BacklogTask } from '@duramesh/persistence';
import { TaskRef } from '@duramesh/proto';
import type { Clock, Logger, Timer } from '@duramesh/runtime';
import { WaitingTask } from './waiting-task.ts';

const PAGE = 1_000;
/** Finished rows are removed together: at the latest after this pause, at once when there are many. */
const REMOVE_AFTER_MS = 1_000;
const REMOVE_BATCH = 100;
/** Of ResourceExhaustedCause and ResourceExhaustedScope. */
const SYSTEM_OVERLOADED = 3;
const SCOPE_SYSTEM = 2;

/** The rows of one queue, written and removed under the lease of its slot. */
export interface BacklogRows {
  /** Resolves once the row is durable. @throws ServiceError when it is not, or not surely */
  append(task: BacklogTask): Promise<void>;
  read(afterTaskId: number, limit: number): Promise<readonly BacklogTask[]>;
  /** False when it should be tried again later. */
  remove(taskIds: readonly number[]): Promise<boolean>;
  count(): Promise<{ readonly count: number; readonly oldestMs: number | undefined }>;
}

export interface BacklogDeps {
  readonly rows: BacklogRows;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outstandingAppends: number;
}

/**
 * The stored tasks of one queue. Memory knows some of them: those it holds for a poller, and those that are finished
 * but not yet removed. A row is removed only after its task is finished, so a crash offers it again and loses nothing.
 */
export class Backlog {
  readonly #deps: BacklogDeps;
  /** Ids of the rows that memory knows. */
  readonly #known = new Set<number>();
  #finished: WaitingTask[] = [];
  readonly #finishedKeys = new Set<string>();
  /** Every row up to here is known, finished and removed, or still being written. */
  #readLevel = 0;
  #isComplete = false;
  /** A row was written during a read and left to be read later. */
  #isLeftBehind = false;
  #appends = 0;
  #removing: Promise<void> | undefined;
  #removeTimer: Timer | undefined;
  #isClosed = false;

  constructor(deps: BacklogDeps) {
    this.#deps = deps;
  }

  /** Memory knows every stored row. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get isWriting(): boolean {
    return this.#appends > 0;
  }

  /** The next rows that memory does not know. */
  async readMore(): Promise<readonly WaitingTask[]> {
    const { rows, clock } = this.#deps;
    const tasks: WaitingTask[] = [];
    while (tasks.length === 0 && !this.#isComplete) {
      this.#isLeftBehind = false;
      const page = await rows.read(this.#readLevel, PAGE);
      for (const { taskId, data } of page) {
        this.#readLevel = Math.max(this.#readLevel, taskId);
        if (this.#known.has(taskId)) continue;
        this.#known.add(taskId);
        const ref = this.#decode(taskId, data);
        if (ref === undefined) continue;
        const task = new WaitingTask({ taskId, ref, addedMs: clock.now() });
        task.row = 'stored';
        tasks.push(task);
      }
      this.#isComplete = page.length < PAGE && !this.#isLeftBehind;
    }
    return tasks;
  }

  /**
   * Stores a task; `isHeld` tells whether memory keeps it already. @returns whether memory must keep it now: otherwise
   * its row will be read when its turn comes
   */
  async append(task: WaitingTask, isHeld: boolean): Promise<boolean> {
    const { rows, outstandingAppends } = this.#deps;
    if (this.#appends >= outstandingAppends) throw tooManyAppends();
    const { taskId, dedupeKey, ref } = task;
    this.#appends += 1;
    task.row = 'writing';
    if (isHeld) this.#known.add(taskId);
    try {
      // A finished row of the same work would swallow the new one.
      if (this.#finishedKeys.has(dedupeKey)) await this.flush();
      await rows.append({ taskId, dedupeKey, data: TaskRef.encode(ref), expiresMs: ref.expiresMs });
    } catch (error) {
      task.row = 'none';
      this.#known.delete(taskId);
      throw error;
    } finally {
      this.#appends -= 1;
    }
    task.row = 'stored';
    if (isHeld) return true;
    if (this.#known.has(taskId)) return false;
    if (taskId > this.#readLevel) {
      this.#isComplete = false;
      this.#isLeftBehind = true;
      return false;
    }
    this.#known.add(taskId);
    return true;
  }

  /** The row of a finished task is not needed any more. */
  discard(task: WaitingTask): void {
    if (this.#isClosed) return;
    this.#finished.push(task);
    this.#finishedKeys.add(task.dedupeKey);
    if (this.#finished.length >= REMOVE_BATCH) void this.flush();
    else this.#removeTimer ??= this.#deps.clock.schedule(REMOVE_AFTER_MS, () => void this.flush());
  }

  /** Removes the rows of finished tasks now. */
  async flush(): Promise<void> {
    while (this.#removing !== undefined) await this.#removing;
    if (this.#finished.length === 0) return;
    this.#removing = this.#removeFinished();
    await this.#removing;
  }

  /** Rows that wait for a poller. */
  async count(): Promise<{ readonly count: number; readonly oldestMs: number | undefined }> {
    if (this.#isComplete) return { count: this.#known.size - this.#finishedKeys.size, oldestMs: undefined };
    const { count, oldestMs } = await this.#deps.rows.count();
    return { count: Math.max(count - this.#finishedKeys.size, 0), oldestMs };
  }

  /** Removes what is finished; what finishes later is offered again by the next owner, and refused by history. */
  async close(): Promise<void> {
    await this.flush();
    this.#isClosed = true;
    this.#removeTimer?.cancel();
    this.#removeTimer = undefined;
  }

  /** A row that cannot be read stays where it is, and does not keep the others. */
  #decode(taskId: number, data: Uint8Array): TaskRef | undefined {
    try {
      return TaskRef.decode(data);
    } catch (error) {
      this.#deps.logger.error({ error, taskId }, 'a stored task cannot be read and is passed over');
      return undefined;
    }
  }

  async #removeFinished(): Promise<void> {
    const { rows, clock, logger } = this.#deps;
    this.#removeTimer?.cancel();
    this.#removeTimer = undefined;
    const batch = this.#finished;
    this.#finished = [];
    const isRemoved = await rows.remove(batch.map((task) => task.taskId));
    this.#removing = undefined;
    if (isRemoved) {
      for (const { taskId, dedupeKey } of batch) {
        this.#known.delete(taskId);
        this.#finishedKeys.delete(dedupeKey);
      }
      return;
    }
    logger.debug({ tasks: batch.length }, 'finished tasks could not be removed from the backlog yet');
    this.#finished = [...batch, ...this.#finished];
    this.#removeTimer ??= clock.schedule(REMOVE_AFTER_MS, () => void this.flush());
  }
}

const tooManyAppends = (): Error =>
  resourceExhausted('Too many outstanding appends to the task queue', SYSTEM_OVERLOADED, SCOPE_SYSTEM);
