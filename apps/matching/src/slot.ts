import { type Client, type MatchingContract, partitionKey, type PartitionsOf, unavailable } from '@duramesh/contracts';
import type { CommitResult, Lease, TaskQueueStore } from '@duramesh/persistence';
import type { Version } from '@duramesh/engine';
import type { QueueDeployment, TaskQueuePartition, TaskRef } from '@duramesh/proto';
import {
  assert,
  type Clock,
  fnv1a32,
  type Ids,
  type Logger,
  type Timer,
  type Tracer,
  unreachable,
} from '@duramesh/runtime';
import type { MatchingLimits } from './limits.ts';
import type { MatchingMetrics } from './matching-metrics.ts';
import { moving } from './moving.ts';
import type { ShutDownWorkers } from './shut-down-workers.ts';
import type { BacklogRows } from './task-queue/backlog.ts';
import type { ConfigRow } from './task-queue/queue-config.ts';
import { TaskQueue } from './task-queue/task-queue.ts';

/** Task ids of one lease: `rangeId * IDS_PER_LEASE` and up. */
const IDS_PER_LEASE = 2 ** 26;
const SWEEP_MS = 60_000;
/** How often one write may meet an unknown outcome before its caller has to come again. */
const MAX_TRIES = 10;

/** Stores bound the length of a key: a lane with a long name goes by its beginning and a hash. */
const LONG_NAME = 100;
const KEPT = 40;

function laneName(lane: string): string {
  if (lane.length <= LONG_NAME) return lane;
  const [first, second] = [fnv1a32(lane), fnv1a32(`~${lane}`)];
  return `${lane.slice(0, KEPT)}~${first.toString(16)}-${second.toString(16)}`;
}

export interface SlotDeps {
  readonly store: TaskQueueStore;
  readonly shutDownWorkers: ShutDownWorkers;
  readonly partitionsOf: PartitionsOf;
  /** Of other slots, or this one. */
  readonly matching: Client<MatchingContract>;
  /** Whether history still waits for a task of the queue. */
  readonly isWanted: (queue: TaskQueuePartition, task: TaskRef) => Promise<boolean>;
  /** Tells the deployment of a version that it has workers on the queue. */
  readonly tellDeployment: (queue: TaskQueuePartition, version: Version) => Promise<QueueDeployment>;
  /** Where this process can be reached. */
  readonly address: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
  readonly limits: MatchingLimits;
  readonly measured: MatchingMetrics;
  /** A new lease after an unknown outcome; undefined when the slot is not ours any more. */
  readonly renew: (partition: number, rangeId: number) => Promise<Lease | undefined>;
  /** A write was fenced. */
  readonly lose: (partition: number, rangeId: number) => void;
}

interface Entry {
  readonly partition: TaskQueuePartition;
  readonly queue: TaskQueue;
  /** undefined once the queue is loaded. */
  loading: Promise<void> | undefined;
}

/** The task-queue partitions of one slot, under its lease. A queue is loaded by its first use and dropped when idle. */
export class Slot {
  readonly #deps: SlotDeps;
  readonly #queues = new Map<string, Entry>();
  #lease: Lease;
  #renewal: Promise<Lease | undefined> | undefined;
  #taskIds = 0;
  #offerIds = 0;
  #sweepTimer: Timer | undefined;
  #isClosed = false;

  constructor(deps: SlotDeps, lease: Lease) {
    this.#deps = deps;
    this.#lease = lease;
  }

  get address(): string {
    return this.#deps.address;
  }

  /** The worker process is going: polls of it that arrive late get nothing, whatever they ask for. */
  forgetWorker(workerInstanceKey: string): void {
    this.#deps.shutDownWorkers.add(workerInstanceKey);
  }

  /** Queues in memory. */
  get size(): number {
    return this.#queues.size;
  }

  /** Those that are loaded, for operators. */
  *loaded(): Iterable<readonly [partition: TaskQueuePartition, queue: TaskQueue]> {
    for (const { partition, queue, loading } of this.#queues.values()) {
      if (loading === undefined) yield [partition, queue];
    }
  }

  /** The queue, loaded; undefined when it is not in memory. */
  async find(partition: TaskQueuePartition): Promise<TaskQueue | undefined> {
    const entry = this.#queues.get(partitionKey(partition));
    if (entry?.loading !== undefined) await entry.loading;
    return entry?.queue;
  }

  async open(partition: TaskQueuePartition): Promise<TaskQueue> {
    const key = partitionKey(partition);
    const entry = this.#queues.get(key) ?? this.#create(key, partition);
    if (entry.loading !== undefined) await entry.loading;
    return entry.queue;
  }

  async shutDown(partition: TaskQueuePartition): Promise<void> {
    const queue = await this.find(partition);
    this.#queues.delete(partitionKey(partition));
    await queue?.shutDown();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sweepTimer?.cancel();
    await Promise.all(Array.from(this.#queues.values(), ({ queue }) => queue.close()));
    this.#queues.clear();
  }

  #create(key: string, partition: TaskQueuePartition): Entry {
    if (this.#isClosed) throw moving();
    const { partitionsOf, isWanted, tellDeployment } = this.#deps;
    const queue = new TaskQueue({
      ...this.#deps,
      queue: partition,
      counts: partitionsOf(partition),
      rowsOf: (lane) => this.#rowsOf(lane === '' ? key : `${key}@${laneName(lane)}`),
      config: this.#settingOf('', partition),
      versions: this.#settingOf('versions/', partition),
      isWanted: (task) => isWanted(partition, task),
      tellDeployment: (version) => tellDeployment(partition, version),
      nextTaskId: () => this.#nextTaskId(),
      taskIdBlock: () => this.#taskIdBlock(),
      nextOfferId: () => `${this.#lease.rangeId}-${++this.#offerIds}`,
    });
    const entry: Entry = { partition, queue, loading: undefined };
    entry.loading = queue.load().then(
      () => void (entry.loading = undefined),
      (error: unknown) => {
        this.#queues.delete(key);
        this.#deps.logger.warn({ error, queue: key }, 'could not load the task queue');
        throw unavailable('the task queue cannot be read right now');
      },
    );
    this.#queues.set(key, entry);
    this.#sweepTimer ??= this.#deps.clock.schedule(SWEEP_MS, () => this.#sweep());
    return entry;
  }

  #sweep(): void {
    this.#sweepTimer = undefined;
    for (const [key, { queue, loading }] of this.#queues) {
      if (loading !== undefined || !queue.isIdle()) continue;
      this.#queues.delete(key);
      void queue.close();
    }
    if (this.#queues.size > 0) this.#sweepTimer = this.#deps.clock.schedule(SWEEP_MS, () => this.#sweep());
  }

  #nextTaskId(): number {
    this.#taskIds += 1;
    assert(this.#taskIds < IDS_PER_LEASE, 'a lease ran out of task ids');
    if (this.#taskIds === IDS_PER_LEASE / 2) void this.#renew(this.#lease.rangeId);
    return this.#lease.rangeId * IDS_PER_LEASE + this.#taskIds;
  }

  #taskIdBlock(): { readonly start: number; readonly end: number } {
    const before = this.#lease.rangeId * IDS_PER_LEASE;
    return { start: before + 1, end: before + IDS_PER_LEASE - 1 };
  }

  #rowsOf(key: string): BacklogRows {
    const { store } = this.#deps;
    return {
      append: (task) => this.#write((lease) => store.append(lease, key, [task])),
      read: (level, page) => store.read(key, level, page),
      countByLevel: () => store.countByLevel(key),
      lastPass: (level, fairnessKey) => store.lastPass(key, level, fairnessKey),
      remove: async (taskIds) => {
        const lease = this.#lease;
        const result = await store.remove(lease, key, taskIds);
        if (result === 'fenced') this.#onFenced(lease);
        return result === 'committed';
      },
    };
  }

  /** One for all partitions of a queue; only its root writes it. */
  #settingOf(what: '' | 'versions/', partition: TaskQueuePartition): ConfigRow {
    const { store } = this.#deps;
    const key = `${what}${partitionKey({ ...partition, partition: 0 })}`;
    return {
      read: () => store.readConfig(key),
      write: (config) => this.#write((lease) => store.writeConfig(lease, key, config)),
    };
  }

  /** What has landed already changes nothing when it lands again, so a write is repeated until its outcome is known. */
  async #write(write: (lease: Lease) => Promise<CommitResult>): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const lease = this.#lease;
      const result = await write(lease);
      switch (result) {
        case 'committed':
          return;
        case 'conflict':
          return assert(false, 'two tasks of one queue have the same id');
        case 'fenced':
          await this.#renewal;
          if (this.#lease.rangeId !== lease.rangeId) continue;
          this.#onFenced(lease);
          throw moving();
        case 'unknown':
          if ((await this.#renew(lease.rangeId)) === undefined) throw moving();
          continue;
        default:
          unreachable(result);
      }
    }
    throw unavailable('the task queue cannot be written right now');
  }

  #onFenced(lease: Lease): void {
    if (this.#renewal === undefined) this.#deps.lose(lease.partition, lease.rangeId);
  }

  async #renew(rangeId: number): Promise<Lease | undefined> {
    if (this.#lease.rangeId !== rangeId) return this.#lease;
    return (this.#renewal ??= this.#deps
      .renew(this.#lease.partition, rangeId)
      .then((lease) => {
        if (lease === undefined || lease.rangeId === this.#lease.rangeId) return lease;
        if (lease.rangeId !== rangeId + 1) {
          // Another owner has come and gone, and may have stored tasks: all is read again.
          this.#deps.lose(lease.partition, lease.rangeId);
          return undefined;
        }
        this.#lease = lease;
        this.#taskIds = 0;
        return lease;
      })
      .finally(() => (this.#renewal = undefined)));
  }
}
