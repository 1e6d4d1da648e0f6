import {
  type Client,
  type MatchingContract,
  type PartitionCounts,
  resourceExhausted,
  stickyWorkerUnavailable,
} from '@duramesh/contracts';
import { isSameVersion, targetOf, type Version, versionKey, versionOfWorker } from '@duramesh/engine';
import {
  type AddTaskReply,
  type DescribePartitionReply,
  type ForwardTaskReply,
  OfferOutcome,
  type PollTaskReply,
  type PollTaskRequest,
  type QueryTaskReply,
  type QueryTaskRequest,
  type QueueDeployment,
  type TaskQueuePartition,
  type TaskRef,
  type UpdateQueueConfigReply,
  type UpdateQueueConfigRequest,
} from '@duramesh/proto';
import type { Clock, Ids, Logger, Tracer } from '@duramesh/runtime';
import type { MatchingLimits } from '../limits.ts';
import type { MatchingMetrics } from '../matching-metrics.ts';
import { moving } from '../moving.ts';
import type { ShutDownWorkers } from '../shut-down-workers.ts';
import type { BacklogRows } from './backlog.ts';
import { ChangeLanes } from './change-lanes.ts';
import { Children } from './children.ts';
import { describePartition } from './describe-partition.ts';
import { DispatchLimits, type TaskQueueConfig } from './dispatch-limits.ts';
import { HeadCheck } from './head-check.ts';
import type { Lane } from './lane.ts';
import { Lanes, MAIN } from './lanes.ts';
import { PollerHistory, workerLimitOf } from './poller-history.ts';
import { ENDED_POLL, isEmpty } from './poller-line.ts';
import { PollerScaling } from './poller-scaling.ts';
import { type ConfigRow, QueueConfig } from './queue-config.ts';
import { QueueStats } from './queue-stats.ts';
import { QueueVersions } from './queue-versions.ts';
import { WaitingTask } from './waiting-task.ts';

const NORMAL = 1;
const STICKY = 2;
const ACTIVITY = 2;
const PINNED = 1;
/** A sticky queue without a poll for this long has no worker. */
const STICKY_SILENCE_MS = 10_000;
/** A child looks up the configuration again after so long, in case it was not told. */
const CONFIG_AGE_MS = 10_000;
const CONCURRENT_LIMIT = 2;
const SCOPE_SYSTEM = 2;

export interface TaskQueueDeps {
  readonly queue: TaskQueuePartition;
  readonly counts: PartitionCounts;
  readonly measured: MatchingMetrics;
  /** The stored tasks of a lane. */
  readonly rowsOf: (lane: string) => BacklogRows;
  readonly config: ConfigRow;
  /** What the root of the queue keeps about versions. */
  readonly versions: ConfigRow;
  /** Rising, and never used before under any lease of the slot. */
  readonly nextTaskId: () => number;
  /** Ids that the lease may still give, the used ones included. */
  readonly taskIdBlock: () => { readonly start: number; readonly end: number };
  readonly nextOfferId: () => string;
  readonly shutDownWorkers: ShutDownWorkers;
  /** Of the other partitions of the queue. */
  readonly matching: Client<MatchingContract>;
  /** Whether history still waits for a task of this queue. */
  readonly isWanted: (task: TaskRef) => Promise<boolean>;
  /** Tells the deployment of a version that it has workers on this queue. */
  readonly tellDeployment: (version: Version) => Promise<QueueDeployment>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly tracer?: Tracer | undefined;
  readonly limits: MatchingLimits;
}

type Directive = TaskRef['version'];

/**
 * One partition of one task queue. The add call is answered once the task is with a worker, obsolete, or durable.
 * The root of a queue also serves what the other partitions cannot; those forward to it what finds no counterpart.
 * Workers of each version have a lane of their own.
 */
export class TaskQueue {
  readonly #deps: TaskQueueDeps;
  readonly #lanes: Lanes;
  readonly #dispatch: DispatchLimits;
  readonly #stats: QueueStats;
  readonly #pollerHistory = new PollerHistory();
  readonly #scaling = new PollerScaling();
  readonly #children: Children;
  readonly #headCheck: HeadCheck;
  readonly #config: QueueConfig;
  readonly versions: QueueVersions;
  readonly #changeLanes: ChangeLanes;
  #lastUseMs: number;
  #isLoaded = false;
  #isClosed = false;

  constructor(deps: TaskQueueDeps) {
    const { clock, limits, queue } = deps;
    const partitions = queue.kind === NORMAL ? deps.counts.read : 1;
    this.#deps = deps;
    this.#lastUseMs = clock.now();
    this.#stats = new QueueStats(this.#lastUseMs);
    this.#dispatch = new DispatchLimits({
      partitions,
      systemPerSecond: limits.dispatchPerSecond,
      maxKeys: limits.limitedKeys,
    });
    this.#lanes = this.#createLanes();
    const isChild = queue.partition > 0;
    const hasWaitingPolls = (): boolean => this.#lanes.hasWaitingPolls;
    this.#children = new Children({ ...deps, root: queue, count: isChild ? 0 : partitions - 1, hasWaitingPolls });
    const heads = (): readonly WaitingTask[] => this.#lanes.heads();
    this.#headCheck = new HeadCheck({ ...deps, heads, drop: (task) => this.#drop(task) });
    const apply = (config: TaskQueueConfig | undefined): void => {
      this.#dispatch.configure(config, clock.now());
      this.#limitsChanged();
    };
    this.#config = new QueueConfig({ row: deps.config, clock, maxWeights: limits.weightOverrides, apply });
    this.versions = new QueueVersions({
      ...deps,
      root: rootOf(queue),
      row: deps.versions,
      maxVersions: limits.versions,
      onChange: () => this.#rerouted(),
    });
    this.#changeLanes = new ChangeLanes({
      ...deps,
      lanes: this.#lanes,
      laneOf: ({ version, workflowId }) => this.#laneOf(version, workflowId),
      known: () => this.versions.versions().map(versionKey),
    });
  }

  /** Reads the configuration and the head of the backlog; before that the queue must not be used. */
  async load(): Promise<void> {
    const config = this.#isSticky ? undefined : this.reloadConfig();
    await Promise.all([config, this.versions.load(), this.#lanes.main.load()]);
    this.#isLoaded = true;
    if (!this.versions.isUnversioned) this.#rerouted();
  }

  async add(ref: TaskRef): Promise<AddTaskReply> {
    this.#admit();
    this.#refuseWithoutWorker();
    this.#refuseElsewhere(ref.version, ref.workflowId);
    const key = this.#laneOf(ref.version, ref.workflowId);
    const lane = this.#lanes.get(key) ?? (await this.#lanes.open(key));
    if (this.#isClosed) throw moving();
    const addedMs = this.#lastUseMs;
    const stored = await new Promise<boolean>((resolve, reject) => {
      const caller = { stored: () => resolve(true), over: () => resolve(false), refused: reject };
      const task = new WaitingTask({ taskId: this.#deps.nextTaskId(), ref, addedMs, caller });
      this.#stats.added(task.level, addedMs);
      lane.matcher.place(task);
    });
    return { stored };
  }

  async poll(request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    this.#admit();
    const { limits, shutDownWorkers } = this.#deps;
    if (shutDownWorkers.has(request.workerInstanceKey)) return ENDED_POLL;
    if (this.#lanes.waitingPolls >= limits.waitingPolls) throw tooMany('polls');
    const startedMs = this.#lastUseMs;
    this.#pollerHistory.record(request, startedMs);
    this.#followWorkerLimit(request);
    this.#children.wake();
    if (this.#isChild && this.#config.ageMs > CONFIG_AGE_MS) void this.reloadConfig().catch(() => undefined);
    if (this.#isSticky || this.#isChild) void this.versions.refresh();
    const version = this.#isSticky ? undefined : versionOfWorker(request.deploymentOptions);
    const lane = version ? await this.#laneOfWorker(version) : this.#lanes.main;
    const reply = await lane.poll(request, waitMs);
    this.#lastUseMs = this.#deps.clock.now();
    // A poll that was cancelled does not bring back a poller that was removed.
    const isCancelled = isEmpty(reply) && this.#lastUseMs - startedMs < waitMs;
    if (!isCancelled) this.#pollerHistory.record(request, this.#lastUseMs);
    if (!request.forwarded) this.#measure(reply);
    return reply;
  }

  cancelPoll(pollerId: string): void {
    for (const lane of this.#lanes) lane.cancelPoll(pollerId);
  }

  /** The worker process is going: its polls end, and those on their way get nothing. */
  cancelWorkerPolls(workerInstanceKey: string, identity: string): void {
    for (const lane of this.#lanes) lane.matcher.pollers.dismissWorker(workerInstanceKey);
    this.#pollerHistory.remove(identity);
  }

  /** What became of a task that was offered, or of a query that its worker could not take. */
  resolve(offerId: string, outcome: number): void {
    for (const lane of this.#lanes) {
      const isBack = outcome === OfferOutcome.OFFER_OUTCOME_RETURNED && lane.queries.putBack(offerId);
      if (isBack) lane.matcher.serveQuery();
      else lane.matcher.resolve(offerId, outcome);
    }
  }

  /** At the root: brings a task of another partition to a poller within the wait. */
  async forward(ref: TaskRef, waitMs: number): Promise<ForwardTaskReply> {
    this.#admit();
    const lane = await this.#lanes.open(this.#laneOf(ref.version, ref.workflowId));
    return lane.forward(ref, waitMs);
  }

  /** At a child: workers poll the root. */
  wake(): void {
    for (const lane of this.#lanes) lane.wake();
  }

  async query(request: QueryTaskRequest, waitMs: number): Promise<QueryTaskReply> {
    this.#admit();
    this.#refuseWithoutWorker();
    this.#refuseElsewhere(request.version, request.workflowId);
    const lane = await this.#lanes.open(this.#laneOf(request.version, request.workflowId));
    if (lane.queries.size >= this.#deps.limits.waitingQueries) throw tooMany('queries');
    const answer = lane.queries.ask(request, waitMs);
    lane.matcher.serveQuery();
    return answer;
  }

  /** @throws ServiceError when nobody waits for the answer */
  respondQuery(queryId: string, reply: QueryTaskReply): void {
    const lane = Array.from(this.#lanes).find(({ queries }) => queries.hasTaken(queryId)) ?? this.#lanes.main;
    lane.queries.respond(queryId, reply);
  }

  describe(): DescribePartitionReply {
    this.#admit();
    return this.look(this.#lastUseMs);
  }

  /** As `describe`, by somebody whose look is no use of the queue. */
  look(nowMs: number): DescribePartitionReply {
    const parts = { lanes: this.#lanes, pollers: this.#pollerHistory, dispatch: this.#dispatch, stats: this.#stats };
    const { config, versions } = { config: this.#config.current, versions: this.versions };
    return describePartition({ ...parts, config, versions, block: this.#deps.taskIdBlock() }, nowMs);
  }

  /** Whether a worker says of itself that it has the build id, and polled lately. */
  isPolledBy(buildId: string): boolean {
    const pollers = this.#pollerHistory.list(this.#deps.clock.now());
    return pollers.some(
      ({ workerVersionCapabilities: version }) => version?.useVersioning && version.buildId === buildId,
    );
  }

  /** At the root: configures the whole queue. Answers when every partition that can be reached acts on it. */
  async updateConfig({ request }: UpdateQueueConfigRequest): Promise<UpdateQueueConfigReply> {
    this.#admit();
    const config = await this.#config.update(request ?? {});
    await this.#children.reloadConfig();
    return { config };
  }

  reloadConfig(): Promise<void> {
    return this.#config.reload();
  }

  /** Nobody used it for a while and nobody waits. */
  isIdle(): boolean {
    return !this.#lanes.isBusy && this.#deps.clock.now() - this.#lastUseMs >= this.#deps.limits.idleMs;
  }

  /** The worker of this sticky queue is going: its late polls get nothing, its tasks go to the normal queue. */
  async shutDown(): Promise<void> {
    for (const key of this.#pollerHistory.workerInstanceKeys()) this.#deps.shutDownWorkers.add(key);
    // History's own timer brings back what was stored here: nobody will ever poll for it.
    const stored = Array.from(this.#lanes.main.matcher.ready).filter(({ row }) => row === 'stored');
    for (const task of stored) this.#drop(task);
    await this.close(stickyWorkerUnavailable());
  }

  /** Lets go of everyone who waits; what is stored stays, except what is finished. */
  async close(reason: Error = moving()): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#headCheck.close();
    this.#children.close();
    this.#changeLanes.close();
    await this.#lanes.close(reason);
  }

  get #isSticky(): boolean {
    return this.#deps.queue.kind === STICKY;
  }

  get #isChild(): boolean {
    return this.#deps.queue.partition > 0;
  }

  #admit(): void {
    if (this.#isClosed) throw moving();
    this.#lastUseMs = this.#deps.clock.now();
  }

  #refuseWithoutWorker(): void {
    if (this.#isSticky && !this.#lanes.main.polledWithin(STICKY_SILENCE_MS)) throw stickyWorkerUnavailable();
  }

  /** A run that is to go on with another version than that of the sticky worker goes by the normal queue. */
  #refuseElsewhere(directive: Directive, workflowId: string): void {
    if (!this.#isSticky || this.versions.isUnversioned || directive?.behavior === PINNED) return;
    const target = targetOf(this.versions.route, workflowId, directive?.useRamping);
    if (!isSameVersion(target, directive?.deploymentVersion)) throw stickyWorkerUnavailable();
  }

  /** Which workers a task is for. @see spec-matching 9.3.7 */
  #laneOf(directive: Directive, workflowId: string): string {
    if (this.#isSticky) return MAIN;
    const pinned = directive?.behavior === PINNED ? directive.deploymentVersion : undefined;
    // An activity whose queue the version never polled is done by whoever does the activities of the queue.
    if (pinned && (this.#deps.queue.type !== ACTIVITY || this.versions.has(pinned))) return versionKey(pinned);
    if (this.versions.isUnversioned) return MAIN;
    return versionKey(targetOf(this.versions.route, workflowId, directive?.useRamping));
  }

  /** @throws ServiceError when the version cannot be registered */
  async #laneOfWorker(version: Version): Promise<Lane> {
    if (!this.versions.has(version)) await this.versions.register(version);
    const lane = await this.#lanes.open(versionKey(version));
    if (this.#isClosed) throw moving();
    return lane;
  }

  #rerouted(): void {
    if (this.#isLoaded && !this.#isSticky && !this.#isClosed) this.#changeLanes.start();
  }

  #limitsChanged(): void {
    for (const lane of this.#lanes) lane.matcher.limitsChanged();
  }

  #createLanes(): Lanes {
    return new Lanes({
      ...this.#deps,
      dispatch: this.#dispatch,
      stats: this.#stats,
      targetOf: ({ workflowId }) => targetOf(this.versions.route, workflowId),
      pollerDelta: (lane, waitedMs, isFromBacklog) => this.#pollerDelta(lane, waitedMs, isFromBacklog),
    });
  }

  #followWorkerLimit(request: PollTaskRequest): void {
    if (this.#deps.queue.type !== ACTIVITY) return;
    if (this.#dispatch.setWorkerLimit(workerLimitOf(request), this.#lastUseMs)) this.#limitsChanged();
  }

  #measure(reply: PollTaskReply): void {
    const { measured, queue } = this.#deps;
    if (isEmpty(reply)) measured.pollTimedOut(queue.type);
    else measured.pollSucceeded(queue.type, reply.task?.syncMatch === true);
  }

  #drop(task: WaitingTask): void {
    for (const lane of this.#lanes) lane.drop(task);
  }

  #pollerDelta(lane: Lane, waitedMs: number, isFromBacklog: boolean): number {
    const nowMs = this.#deps.clock.now();
    return this.#scaling.decide({
      nowMs,
      waitedMs,
      isFromBacklog,
      pollers: this.#pollerHistory.size,
      isRateLimited: this.#dispatch.isActive(nowMs),
      backlogAgeMs: () => lane.headAgeMs(nowMs),
      rates: () => this.#stats.total(nowMs),
      isRoot: this.#deps.queue.partition === 0,
    });
  }
}

/** The partition that knows about versions; undefined for itself. */
function rootOf(queue: TaskQueuePartition): TaskQueuePartition | undefined {
  const { kind, normalName, partition } = queue;
  if (kind === STICKY) return { ...queue, kind: NORMAL, name: normalName, normalName: '', partition: 0 };
  return partition > 0 ? { ...queue, partition: 0 } : undefined;
}

const tooMany = (what: string): Error =>
  resourceExhausted(`Too many waiting ${what} on the task queue`, CONCURRENT_LIMIT, SCOPE_SYSTEM);
