import { GrpcCode, ServiceError } from '@duramesh/contracts';
import { outstandingTasks, type TaskDraft, taskName } from '@duramesh/engine';
import { type BackoffPolicy, backoffMs } from '@duramesh/runtime';
import type { ActionParts, ActionRun } from '../actions/action.ts';
import { carryOut } from '../actions/table.ts';
import { runKeyOf } from '../shard/run-cache.ts';

/** Tasks carried out at one time. */
const CONCURRENCY = 512;
/** Beyond this, tasks are left to the next scan of the store. */
const QUEUE_LIMIT = 100_000;
const RETRY: BackoffPolicy = { initialMs: 100, coefficient: 2, maximumMs: 5_000 };

interface Job {
  readonly run: ActionRun;
  readonly task: TaskDraft;
  readonly name: string;
  readonly attempt: number;
}

/**
 * Carries out tasks straight after the commit that made them, each at most once at a time. Nothing is kept of them but
 * memory: what is lost with the process is found again in the state of the runs by the next owner.
 */
export class ImmediateQueue {
  readonly #parts: ActionParts;
  readonly #waiting: Job[] = [];
  /** Tasks that wait, run, or are to be tried again. */
  readonly #underWay = new Set<string>();
  readonly #onOverflow: () => void;
  #running = 0;
  #stopped = false;

  /** @param onOverflow tasks had to be dropped: the store must be scanned for them once the queue has drained */
  constructor(parts: ActionParts, onOverflow: () => void) {
    this.#parts = parts;
    this.#onOverflow = onOverflow;
  }

  add(run: ActionRun, tasks: readonly TaskDraft[]): void {
    for (const task of tasks) {
      const name = `${runKeyOf(run.key)}/${taskName(task)}`;
      if (this.#underWay.has(name)) continue;
      this.#underWay.add(name);
      this.#push({ run, task, name, attempt: 1 });
    }
  }

  get depth(): number {
    return this.#waiting.length + this.#running;
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
    this.#underWay.clear();
  }

  #push(job: Job): void {
    if (this.#stopped) return;
    if (this.#running < CONCURRENCY) void this.#run(job);
    else if (this.#waiting.length < QUEUE_LIMIT) this.#waiting.push(job);
    else {
      this.#underWay.delete(job.name);
      this.#onOverflow();
    }
  }

  async #run(job: Job): Promise<void> {
    this.#running += 1;
    try {
      await carryOut(this.#parts, job.run, job.task);
      this.#underWay.delete(job.name);
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
    const { clock, random, logger } = this.#parts.deps;
    const level = job.attempt < 5 ? 'debug' : 'warn';
    logger[level]({ error, ...job.run.key, task: job.name, attempt: job.attempt }, 'task not carried out yet');
    clock.schedule(backoffMs(RETRY, Math.min(job.attempt, 10), random), () => void this.#retry(job));
  }

  async #retry(job: Job): Promise<void> {
    if (await this.#isWanted(job)) this.#push({ ...job, attempt: job.attempt + 1 });
    else this.#underWay.delete(job.name);
  }

  /** After a delay the task may be long done. */
  async #isWanted({ run, task }: Job): Promise<boolean> {
    try {
      const { state } = await this.#parts.owner.read(run.key);
      const name = taskName(task);
      return outstandingTasks(state).some((left) => taskName(left) === name);
    } catch (error) {
      if (error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND) return false;
      return this.#parts.owner.owns(run.shard);
    }
  }
}
