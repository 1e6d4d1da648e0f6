import { GrpcCode, ServiceError } from '@duramesh/contracts';
import { type BackoffPolicy, backoffMs, type Counter, type Histogram } from '@duramesh/runtime';
import type { HistoryDeps } from '../deps.ts';
import { runKeyOf } from '../shard/run-cache.ts';
import { nameOfTask, type Place, type QueueTask, type Residents } from './resident.ts';

/** Tasks of one lane carried out at one time. */
const CONCURRENCY = 512;
/** Beyond this, tasks are left to the next scan of the store. */
const QUEUE_LIMIT = 100_000;
const RETRY: BackoffPolicy = { initialMs: 100, coefficient: 2, maximumMs: 5_000 };

interface Job {
  readonly on: Place;
  readonly task: QueueTask;
  readonly name: string;
  readonly attempt: number;
}

/** What waits for other runs, whose shards may be away, must not keep tasks from matching. */
type LaneName = 'toMatching' | 'toOtherRuns';
interface Lane {
  readonly waiting: Job[];
  running: number;
}
const laneOf = ({ type }: QueueTask): LaneName =>
  type === 'DispatchWorkflowTask' || type === 'DispatchActivityTask' ? 'toMatching' : 'toOtherRuns';

/**
 * Carries out tasks straight after the commit that made them, each at most once at a time. Nothing is kept of them but
 * memory: what is lost with the process is found again in the state of the runs by the next owner.
 */
export class ImmediateQueue {
  readonly #deps: HistoryDeps;
  readonly #residents: Residents;
  readonly #lanes: Readonly<Record<LaneName, Lane>> = {
    toMatching: { waiting: [], running: 0 },
    toOtherRuns: { waiting: [], running: 0 },
  };
  /** Tasks that wait, run, or are to be tried again. */
  readonly #underWay = new Set<string>();
  readonly #onOverflow: () => void;
  readonly #requests: Counter;
  readonly #errors: Counter;
  readonly #latency: Histogram;
  #stopped = false;

  /** @param onOverflow tasks had to be dropped: the store must be scanned for them once the queue has drained */
  constructor(deps: HistoryDeps, residents: Residents, onOverflow: () => void) {
    this.#deps = deps;
    this.#residents = residents;
    this.#onOverflow = onOverflow;
    const { metrics } = deps;
    this.#requests = metrics.counter('task_requests', 'Tries to carry out a task that a transition has made.');
    this.#errors = metrics.counter('task_errors', 'Tries that failed; the task is tried again.');
    this.#latency = metrics.histogram('task_latency_processing', 'Seconds that a try took.');
  }

  add(on: Place, tasks: readonly QueueTask[]): void {
    for (const task of tasks) {
      const name = `${runKeyOf(on.key)}/${nameOfTask(task)}`;
      if (this.#underWay.has(name)) continue;
      this.#underWay.add(name);
      this.#push({ on, task, name, attempt: 1 });
    }
  }

  get depth(): number {
    return Object.values(this.#lanes).reduce((sum, { waiting, running }) => sum + waiting.length + running, 0);
  }

  /** Tasks that wait, are under way, or are to be tried again. */
  get outstanding(): number {
    return this.#underWay.size;
  }

  stop(): void {
    this.#stopped = true;
    for (const { waiting } of Object.values(this.#lanes)) waiting.length = 0;
    this.#underWay.clear();
  }

  #push(job: Job): void {
    if (this.#stopped) return;
    const lane = this.#lanes[laneOf(job.task)];
    if (lane.running < CONCURRENCY) void this.#run(lane, job);
    else if (lane.waiting.length < QUEUE_LIMIT) lane.waiting.push(job);
    else {
      this.#underWay.delete(job.name);
      this.#onOverflow();
    }
  }

  async #run(lane: Lane, job: Job): Promise<void> {
    lane.running += 1;
    const labels = { operation: job.task.type };
    const startedAtMs = this.#deps.clock.monotonicMs();
    this.#requests.add(1, labels);
    try {
      await this.#residents.carryOut(job.on, job.task);
      this.#underWay.delete(job.name);
    } catch (error) {
      this.#errors.add(1, labels);
      this.#retryLater(job, error);
    } finally {
      this.#latency.observe((this.#deps.clock.monotonicMs() - startedAtMs) / 1000, labels);
      lane.running -= 1;
      const next = lane.waiting.shift();
      if (next) void this.#run(lane, next);
    }
  }

  #retryLater(job: Job, error: unknown): void {
    if (this.#stopped) return;
    const { clock, random, logger } = this.#deps;
    const level = job.attempt < 5 ? 'debug' : 'warn';
    logger[level]({ error, ...job.on.key, task: job.name, attempt: job.attempt }, 'task not carried out yet');
    clock.schedule(backoffMs(RETRY, Math.min(job.attempt, 10), random), () => void this.#retry(job));
  }

  async #retry(job: Job): Promise<void> {
    if (await this.#isWanted(job)) this.#push({ ...job, attempt: job.attempt + 1 });
    else this.#underWay.delete(job.name);
  }

  /** After a delay the task may be long done. */
  async #isWanted({ on, task }: Job): Promise<boolean> {
    try {
      const { tasks } = await this.#residents.read(on.key);
      const name = nameOfTask(task);
      return tasks.some((left) => nameOfTask(left) === name);
    } catch (error) {
      if (error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND) return false;
      return this.#residents.owns(on.shard);
    }
  }
}
