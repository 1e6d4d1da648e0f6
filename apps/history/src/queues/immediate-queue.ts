import { isStickyWorkerUnavailable, ServiceError } from '@duramesh/contracts';
import { outstandingTasks, type TaskDraft } from '@duramesh/engine';
import type { TaskQueuePartition, TaskRef } from '@duramesh/proto';
import { type BackoffPolicy, backoffMs } from '@duramesh/runtime';
import type { HistoryDeps, MatchingClient } from '../deps.ts';
import type { Owner } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';

const WORKFLOW = 1;
const ACTIVITY = 2;
const NORMAL = 1;
const STICKY = 2;
/** Hand-overs to matching at one time. */
const CONCURRENCY = 512;
/** Beyond this, tasks are left to the next scan of the store. */
const QUEUE_LIMIT = 100_000;
const RETRY: BackoffPolicy = { initialMs: 100, coefficient: 2, maximumMs: 5_000 };

interface Job {
  readonly run: Pick<CachedRun, 'key' | 'shard'>;
  readonly task: TaskDraft;
  readonly attempt: number;
}

/**
 * Hands tasks to matching straight after the commit that made them. Nothing is kept of them but memory: what is lost
 * with the process is found again in the state of the runs by the next owner.
 */
export class ImmediateQueue {
  readonly #deps: HistoryDeps;
  readonly #owner: Owner;
  readonly #matching: MatchingClient;
  readonly #waiting: Job[] = [];
  readonly #onOverflow: () => void;
  #running = 0;
  #stopped = false;

  /** @param onOverflow tasks had to be dropped: the store must be scanned for them once the queue has drained */
  constructor(deps: HistoryDeps, parts: { owner: Owner; matching: MatchingClient }, onOverflow: () => void) {
    this.#deps = deps;
    this.#owner = parts.owner;
    this.#matching = parts.matching;
    this.#onOverflow = onOverflow;
  }

  add(run: Pick<CachedRun, 'key' | 'shard'>, tasks: readonly TaskDraft[]): void {
    for (const task of tasks) this.#push({ run, task, attempt: 1 });
  }

  get depth(): number {
    return this.#waiting.length + this.#running;
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #push(job: Job): void {
    if (this.#stopped) return;
    if (this.#waiting.length >= QUEUE_LIMIT) return this.#onOverflow();
    if (this.#running < CONCURRENCY) void this.#run(job);
    else this.#waiting.push(job);
  }

  async #run(job: Job): Promise<void> {
    this.#running += 1;
    try {
      await this.#dispatch(job);
    } catch (error) {
      this.#retryLater(job, error);
    } finally {
      this.#running -= 1;
      const next = this.#waiting.shift();
      if (next) void this.#run(next);
    }
  }

  #retryLater(job: Job, error: unknown): void {
    if (this.#stopped) return;
    const { clock, random, logger } = this.#deps;
    const level = job.attempt < 5 ? 'debug' : 'warn';
    logger[level]({ error, ...job.run.key, task: job.task.type, attempt: job.attempt }, 'task not handed over yet');
    clock.schedule(backoffMs(RETRY, Math.min(job.attempt, 10), random), () => void this.#retry(job));
  }

  /** Tries again only if the run still waits for it: after a delay the task may be long done. */
  async #retry(job: Job): Promise<void> {
    try {
      const run = await this.#owner.read(job.run.key);
      if (!outstandingTasks(run.state).some((task) => isSame(task, job.task))) return;
    } catch (error) {
      if (error instanceof ServiceError && error.code === 5) return;
      if (!this.#owner.owns(job.run.shard)) return;
    }
    this.#push({ ...job, attempt: job.attempt + 1 });
  }

  async #dispatch({ run, task }: Job): Promise<void> {
    const sticky = task.type === 'DispatchWorkflowTask' && task.sticky;
    try {
      await this.#matching.addTask({ queue: queueOf(run, task, sticky), task: this.#taskRef(run, task) });
    } catch (error) {
      if (!sticky || !isStickyWorkerUnavailable(error)) throw error;
      // The worker that knows the run is away: any worker of the normal queue will do. The run stays sticky.
      await this.#matching.addTask({ queue: queueOf(run, task, false), task: this.#taskRef(run, task) });
    }
  }

  #taskRef({ key }: Job['run'], task: TaskDraft): TaskRef {
    const now = this.#deps.clock.now();
    return {
      workflowId: key.workflowId,
      runId: key.runId,
      scheduledEventId: task.scheduledEventId,
      attempt: task.attempt,
      stamp: task.stamp,
      createdMs: now,
      expiresMs: task.scheduleToStartTimeoutMs > 0 ? now + task.scheduleToStartTimeoutMs : 0,
      priority: task.priority,
    };
  }
}

const isSame = (a: TaskDraft, b: TaskDraft): boolean =>
  a.type === b.type && a.scheduledEventId === b.scheduledEventId && a.attempt === b.attempt && a.stamp === b.stamp;

function queueOf({ key }: Job['run'], task: TaskDraft, sticky: boolean): TaskQueuePartition {
  const base = { namespaceId: key.namespaceId, partition: 0 };
  if (task.type === 'DispatchActivityTask') {
    return { ...base, name: task.taskQueue, type: ACTIVITY, kind: NORMAL, normalName: '' };
  }
  return sticky
    ? { ...base, name: task.taskQueue, type: WORKFLOW, kind: STICKY, normalName: task.normalTaskQueue }
    : { ...base, name: task.normalTaskQueue, type: WORKFLOW, kind: NORMAL, normalName: '' };
}
