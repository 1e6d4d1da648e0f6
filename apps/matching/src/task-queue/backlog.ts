import { resourceExhausted } from '@duramesh/contracts';
import type { BacklogPosition, BacklogTask } from '@duramesh/persistence';
import { TaskRef } from '@duramesh/proto';
import { type Clock, type Logger, must, type Timer } from '@duramesh/runtime';
import { BacklogLevel, isBehind, START } from './backlog-level.ts';
import { DEFAULT_LEVEL, LEVELS, WaitingTask } from './waiting-task.ts';

/** Rows that are read at once. */
export const PAGE = 1_000;
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
  read(
    level: number,
    page: { readonly after: BacklogPosition; readonly limit: number },
  ): Promise<readonly BacklogTask[]>;
  /** False when it should be tried again later. */
  remove(taskIds: readonly number[]): Promise<boolean>;
  countByLevel(): Promise<ReadonlyMap<number, number>>;
  lastPass(level: number, fairnessKey: string): Promise<number | undefined>;
}

/** The tasks that wait in memory: they are ordered as those in the store are. */
export interface WaitingLine {
  /** Whose turn a task takes. */
  keyOf(task: WaitingTask): string;
  isSure(level: number, key: string): boolean;
  learn(level: number, key: string, last: { readonly pass: number; readonly isLast: boolean }): void;
  /** Decides where in its level the task stands. */
  place(task: WaitingTask): void;
  /** Of the last task of the level; undefined when none waits. */
  lastPlace(level: number): BacklogPosition | undefined;
  /** From here on a stored task waits in memory. */
  hold(task: WaitingTask): void;
}

export interface BacklogDeps {
  readonly rows: BacklogRows;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outstandingAppends: number;
  readonly line: WaitingLine;
}

/**
 * The stored tasks of one queue, each priority for itself. Memory knows some of them: those it holds for a poller, and
 * those that are finished but not yet removed. A row is removed only after its task is finished, so a crash offers it
 * again and loses nothing.
 */
export class Backlog {
  readonly #deps: BacklogDeps;
  /** By priority; nobody stands at 0. */
  readonly #levels = Array.from({ length: LEVELS + 1 }, () => new BacklogLevel());
  readonly #finishedKeys = new Set<string>();
  #finished: WaitingTask[] = [];
  #appends = 0;
  #removing: Promise<void> | undefined;
  #removeTimer: Timer | undefined;
  #isClosed = false;

  constructor(deps: BacklogDeps) {
    this.#deps = deps;
  }

  get isWriting(): boolean {
    return this.#appends > 0;
  }

  /** Memory knows every stored row of the level. */
  isComplete(level: number): boolean {
    return this.#level(level).isComplete;
  }

  /** The same for this level and all that are more urgent. */
  isCompleteUpTo(level: number): boolean {
    for (let at = 1; at <= level; at++) if (!this.isComplete(at)) return false;
    return true;
  }

  /** Rows of a level that wait for a worker. */
  waiting(level: number): number {
    return this.#level(level).waiting;
  }

  /** Finds out which levels have rows; before that none may be read. */
  async load(): Promise<void> {
    for (const [level, count] of await this.#deps.rows.countByLevel()) {
      const found = this.#level(level);
      found.isComplete = false;
      found.stored = count;
    }
  }

  /** Brings the next rows of a level that memory does not know into the line. One call at a time. */
  async readMore(at: number): Promise<void> {
    const level = this.#level(at);
    const reading = this.#readMore(at, level);
    level.reading = reading.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await reading;
    } finally {
      level.reading = undefined;
    }
  }

  /**
   * Stores a task; `isHeld` tells whether it waits in memory already. Otherwise it comes there when it must: where it
   * stands before tasks that do.
   */
  async append(task: WaitingTask, isHeld: boolean): Promise<void> {
    const { rows, outstandingAppends } = this.#deps;
    if (this.#appends >= outstandingAppends) throw tooManyAppends();
    const level = this.#level(task.level);
    this.#appends += 1;
    task.row = 'writing';
    if (isHeld) {
      level.known.add(task.taskId);
      level.writing += 1;
    }
    try {
      if (task.pass === undefined) await this.#place(task);
      // A finished row of the same work would swallow the new one.
      if (this.#finishedKeys.has(task.dedupeKey)) await this.flush();
      await rows.append(rowOf(task, this.#deps.line.keyOf(task)));
    } catch (error) {
      task.row = 'none';
      level.known.delete(task.taskId);
      throw error;
    } finally {
      this.#appends -= 1;
      if (isHeld) level.writing -= 1;
    }
    task.row = 'stored';
    level.stored += 1;
    if (!isHeld) await this.#settle(task, level);
  }

  /** The row of a finished task is not needed any more. */
  discard(task: WaitingTask): void {
    if (this.#isClosed) return;
    this.#finished.push(task);
    this.#finishedKeys.add(task.dedupeKey);
    this.#level(task.level).finished += 1;
    if (this.#finished.length >= REMOVE_BATCH) void this.flush();
    else this.#removeTimer ??= this.#deps.clock.schedule(REMOVE_AFTER_MS, () => void this.flush());
  }

  /** Memory lets go of stored tasks of one level, the last that wait there, in their order: they will be read again. */
  forget(tasks: readonly WaitingTask[]): void {
    const [first] = tasks;
    if (first === undefined) return;
    const level = this.#level(first.level);
    for (const { taskId } of tasks) level.known.delete(taskId);
    level.retreat({ pass: first.pass ?? 0, taskId: first.taskId - 1 });
  }

  /** Removes the rows of finished tasks now. */
  async flush(): Promise<void> {
    while (this.#removing !== undefined) await this.#removing;
    if (this.#finished.length === 0) return;
    this.#removing = this.#removeFinished();
    await this.#removing;
  }

  /** Ids up to which every task is in memory or done, and up to which every task is done. */
  levels(): { readonly read: number; readonly acknowledged: number } {
    const { edge, known } = this.#level(DEFAULT_LEVEL);
    const read = Math.max(edge.taskId, ...known);
    return { read, acknowledged: known.size === 0 ? read : Math.min(...known) - 1 };
  }

  /** Removes what is finished; what finishes later is offered again by the next owner, and refused by history. */
  async close(): Promise<void> {
    await this.flush();
    this.#isClosed = true;
    this.#removeTimer?.cancel();
    this.#removeTimer = undefined;
  }

  #level(at: number): BacklogLevel {
    return must(this.#levels[at], 'a priority has a level');
  }

  /** After the last stored task of its key, also of those that memory does not know. */
  async #place(task: WaitingTask): Promise<void> {
    const { line, rows } = this.#deps;
    const key = line.keyOf(task);
    if (!this.isComplete(task.level) && !line.isSure(task.level, key)) {
      const pass = await rows.lastPass(task.level, key);
      if (pass !== undefined) line.learn(task.level, key, { pass, isLast: true });
    }
    line.place(task);
  }

  async #readMore(at: number, level: BacklogLevel): Promise<void> {
    const { rows, line } = this.#deps;
    for (let held = 0; held === 0 && !level.isComplete;) {
      const page = await rows.read(at, { after: level.edge, limit: PAGE });
      level.advance(page.at(-1) ?? level.edge, page.length < PAGE);
      for (const row of page) {
        const task = level.known.has(row.taskId) ? undefined : this.#decode(row);
        level.known.add(row.taskId);
        if (task === undefined) continue;
        line.learn(at, line.keyOf(task), { pass: row.pass, isLast: false });
        line.hold(task);
        held += 1;
      }
      if (level.isComplete) level.recount();
    }
  }

  /** Whether a row that was just written stands before the edge of what memory knows: then it joins the line. */
  async #settle(task: WaitingTask, level: BacklogLevel): Promise<void> {
    const { line } = this.#deps;
    const { taskId, pass = 0 } = task;
    while (level.reading !== undefined) await level.reading;
    // It was read meanwhile.
    if (level.known.has(taskId)) return;
    const edge = level.isComplete ? (line.lastPlace(task.level) ?? START) : level.edge;
    if (isBehind({ pass, taskId }, edge)) return level.retreat(edge);
    level.known.add(taskId);
    line.hold(task);
  }

  /** A row that cannot be read stays where it is, and does not keep the others. */
  #decode({ taskId, level, pass, data }: BacklogTask): WaitingTask | undefined {
    try {
      const task = new WaitingTask({ taskId, level, ref: TaskRef.decode(data), addedMs: this.#deps.clock.now() });
      task.row = 'stored';
      task.pass = pass;
      return task;
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
      for (const task of batch) this.#forgetRemoved(task);
      return;
    }
    logger.debug({ tasks: batch.length }, 'finished tasks could not be removed from the backlog yet');
    this.#finished = [...batch, ...this.#finished];
    this.#removeTimer ??= clock.schedule(REMOVE_AFTER_MS, () => void this.flush());
  }

  #forgetRemoved({ taskId, dedupeKey, level: at }: WaitingTask): void {
    const level = this.#level(at);
    level.known.delete(taskId);
    level.stored -= 1;
    level.finished -= 1;
    this.#finishedKeys.delete(dedupeKey);
  }
}

function rowOf(task: WaitingTask, fairnessKey: string): BacklogTask {
  const { taskId, dedupeKey, level, pass = 0, ref } = task;
  return { taskId, dedupeKey, level, pass, fairnessKey, data: TaskRef.encode(ref), expiresMs: ref.expiresMs };
}

const tooManyAppends = (): Error =>
  resourceExhausted('Too many outstanding appends to the task queue', SYSTEM_OVERLOADED, SCOPE_SYSTEM);
