import type { Plain, temporal } from '@duramesh/proto';
import { strideOf } from './fair-shares.ts';
import { RateLimit } from './rate-limit.ts';
import type { WaitingTask } from './waiting-task.ts';

export type TaskQueueConfig = Plain<temporal.api.taskqueue.v1.ITaskQueueConfig>;

/** temporal.api.enums.v1.RateLimitSource */
const SOURCE = { api: 1, worker: 2, system: 3 } as const;
/** How long after it last held a task back a limit counts as active. */
const ACTIVE_MS = 30_000;
const MIN_WEIGHT = 0.001;

export interface DispatchLimitsOptions {
  /** The queue's limits are shared out evenly among so many. */
  readonly partitions: number;
  /** What one partition gives at most, whatever is configured. */
  readonly systemPerSecond: number;
  /** Fairness keys whose pace is remembered. */
  readonly maxKeys: number;
}

/**
 * How fast one partition may give its tasks away: of the whole queue, and of each fairness key. An operator's limit
 * counts before a worker's, and a worker's before the system's. @see spec-matching 3.1, 3.2
 */
export class DispatchLimits {
  readonly #options: DispatchLimitsOptions;
  readonly #queue: RateLimit;
  /** The least recently used first. */
  readonly #keys = new Map<string, RateLimit>();
  #config: TaskQueueConfig | undefined;
  /** By fairness key. */
  #weights: ReadonlyMap<string, number> = new Map();
  #workerPerSecond: number | undefined;
  #blockedMs = Number.NEGATIVE_INFINITY;
  #source: number = SOURCE.system;

  constructor(options: DispatchLimitsOptions) {
    this.#options = options;
    this.#queue = new RateLimit(options.systemPerSecond);
  }

  /** Of this partition. */
  get effective(): { readonly perSecond: number; readonly source: number } {
    return { perSecond: this.#queue.perSecond, source: this.#source };
  }

  configure(config: TaskQueueConfig | undefined, nowMs: number): void {
    this.#config = config;
    this.#weights = new Map(Object.entries(config?.fairnessWeightOverrides ?? {}));
    this.#apply(nowMs);
  }

  /** The limit that the latest poll names; undefined when it names none. @returns whether that is news */
  setWorkerLimit(perSecond: number | undefined, nowMs: number): boolean {
    if (perSecond === this.#workerPerSecond) return false;
    this.#workerPerSecond = perSecond;
    this.#apply(nowMs);
    return true;
  }

  weightOf({ fairnessKey, ref }: WaitingTask): number {
    return Math.max(this.#weights.get(fairnessKey) ?? (ref.priority?.fairnessWeight || 1), MIN_WEIGHT);
  }

  strideOf(task: WaitingTask): number {
    return strideOf(this.weightOf(task));
  }

  /** 0 when the queue may give a task away now. */
  queueWaitMs(nowMs: number): number {
    return this.#noted(this.#queue.waitMs(nowMs), nowMs);
  }

  /** 0 when this task's key may have one now. */
  keyWaitMs(task: WaitingTask, nowMs: number): number {
    const limit = this.#keyLimit(task, nowMs);
    return limit === undefined ? 0 : this.#noted(limit.waitMs(nowMs), nowMs);
  }

  take(task: WaitingTask, nowMs: number): void {
    this.#queue.take(nowMs);
    this.#keyLimit(task, nowMs)?.take(nowMs);
  }

  /** No worker did the task after all. */
  giveBack({ fairnessKey }: WaitingTask): void {
    this.#queue.giveBack();
    this.#keys.get(fairnessKey)?.giveBack();
  }

  /** A task was held back not long ago. */
  isActive(nowMs: number): boolean {
    return nowMs - this.#blockedMs < ACTIVE_MS;
  }

  #apply(nowMs: number): void {
    const { partitions, systemPerSecond } = this.#options;
    const set = this.#config?.queueRateLimit?.rateLimit;
    const configured = set ? (set.requestsPerSecond ?? 0) : this.#workerPerSecond;
    const own = configured === undefined ? Number.POSITIVE_INFINITY : configured / partitions;
    const isSystem = own >= systemPerSecond;
    this.#source = isSystem ? SOURCE.system : set ? SOURCE.api : SOURCE.worker;
    this.#queue.set(isSystem ? systemPerSecond : own, nowMs);
    if (!this.#config?.fairnessKeysRateLimitDefault?.rateLimit) this.#keys.clear();
  }

  #noted(waitMs: number, nowMs: number): number {
    if (waitMs > 0) this.#blockedMs = nowMs;
    return waitMs;
  }

  #keyLimit(task: WaitingTask, nowMs: number): RateLimit | undefined {
    const basis = this.#config?.fairnessKeysRateLimitDefault?.rateLimit;
    if (!basis) return undefined;
    const perSecond = ((basis.requestsPerSecond ?? 0) * this.weightOf(task)) / this.#options.partitions;
    const { fairnessKey } = task;
    const limit = this.#keys.get(fairnessKey) ?? new RateLimit(perSecond);
    limit.set(perSecond, nowMs);
    this.#keys.delete(fairnessKey);
    this.#keys.set(fairnessKey, limit);
    if (this.#keys.size > this.#options.maxKeys) this.#forgetOldest();
    return limit;
  }

  #forgetOldest(): void {
    for (const key of this.#keys.keys()) return void this.#keys.delete(key);
  }
}
