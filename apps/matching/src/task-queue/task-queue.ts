import {
  type Client,
  type MatchingContract,
  type PartitionCounts,
  resourceExhausted,
  stickyWorkerUnavailable,
} from '@duramesh/contracts';
import {
  type AddTaskReply,
  type DescribePartitionReply,
  type ForwardTaskReply,
  OfferOutcome,
  type PollTaskReply,
  type PollTaskRequest,
  type QueryTaskReply,
  type QueryTaskRequest,
  type TaskQueuePartition,
  type TaskRef,
  type UpdateQueueConfigReply,
  type UpdateQueueConfigRequest,
} from '@duramesh/proto';
import type { Clock, Ids, Logger } from '@duramesh/runtime';
import type { MatchingLimits } from '../limits.ts';
import type { MatchingMetrics } from '../matching-metrics.ts';
import { moving } from '../moving.ts';
import type { ShutDownWorkers } from '../shut-down-workers.ts';
import type { BacklogRows } from './backlog.ts';
import { Children } from './children.ts';
import { DispatchLimits, type TaskQueueConfig } from './dispatch-limits.ts';
import { Forwarder } from './forwarder.ts';
import { HeadCheck } from './head-check.ts';
import { headAgeMs, levelStats } from './level-stats.ts';
import { Matcher } from './matcher.ts';
import { PollerHistory, workerLimitOf } from './poller-history.ts';
import { EMPTY_POLL, ENDED_POLL, isEmpty } from './poller-line.ts';
import { PollerScaling } from './poller-scaling.ts';
import { QueryBoard } from './query-board.ts';
import { type ConfigRow, QueueConfig } from './queue-config.ts';
import { QueueStats } from './queue-stats.ts';
import { WaitingTask } from './waiting-task.ts';

const NORMAL = 1;
const STICKY = 2;
const ACTIVITY = 2;
/** A sticky queue without a poll for this long has no worker. */
const STICKY_SILENCE_MS = 10_000;
/** Nor has a root, for what its children forward. */
const ROOT_SILENCE_MS = 10_000;
const QUERY_SILENCE_MS = 20_000;
/** A child looks up the configuration again after so long, in case it was not told. */
const CONFIG_AGE_MS = 10_000;
const CONCURRENT_LIMIT = 2;
const SCOPE_SYSTEM = 2;
/** Takes a poll out of the line because there is room for it at the root. */
const ROOM_AT_ROOT: PollTaskReply = { ...EMPTY_POLL };

export interface TaskQueueDeps {
  readonly queue: TaskQueuePartition;
  readonly counts: PartitionCounts;
  readonly measured: MatchingMetrics;
  readonly rows: BacklogRows;
  readonly config: ConfigRow;
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
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly limits: MatchingLimits;
}

/**
 * One partition of one task queue. The add call is answered once the task is with a worker, obsolete, or durable.
 * The root of a queue also serves what the other partitions cannot; those forward to it what finds no counterpart.
 */
export class TaskQueue {
  readonly #deps: TaskQueueDeps;
  readonly #matcher: Matcher;
  readonly #dispatch: DispatchLimits;
  readonly #queries: QueryBoard;
  readonly #stats: QueueStats;
  readonly #pollerHistory = new PollerHistory();
  readonly #scaling = new PollerScaling();
  readonly #forwarder: Forwarder | undefined;
  readonly #children: Children;
  readonly #headCheck: HeadCheck;
  readonly #config: QueueConfig;
  #lastPollMs = Number.NEGATIVE_INFINITY;
  #lastUseMs: number;
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
    this.#queries = new QueryBoard({ ...deps, pollerSeenLately: () => this.#polledWithin(QUERY_SILENCE_MS) });
    this.#matcher = this.#createMatcher();
    const isChild = queue.partition > 0;
    this.#forwarder = isChild ? this.#createForwarder() : undefined;
    const hasWaitingPolls = (): boolean => this.#matcher.pollers.size > 0;
    this.#children = new Children({ ...deps, root: queue, count: isChild ? 0 : partitions - 1, hasWaitingPolls });
    const heads = (): readonly WaitingTask[] => this.#matcher.ready.heads();
    this.#headCheck = new HeadCheck({ ...deps, heads, drop: (task) => this.#drop(task) });
    const apply = (config: TaskQueueConfig | undefined): void => {
      this.#dispatch.configure(config, clock.now());
      this.#matcher.limitsChanged();
    };
    this.#config = new QueueConfig({ row: deps.config, clock, maxWeights: limits.weightOverrides, apply });
  }

  /** Reads the configuration and the head of the backlog; before that the queue must not be used. */
  async load(): Promise<void> {
    await Promise.all([this.#isSticky ? undefined : this.reloadConfig(), this.#matcher.load()]);
  }

  async add(ref: TaskRef): Promise<AddTaskReply> {
    this.#admit();
    this.#refuseWithoutWorker();
    const addedMs = this.#lastUseMs;
    const stored = await new Promise<boolean>((resolve, reject) => {
      const caller = { stored: () => resolve(true), over: () => resolve(false), refused: reject };
      const task = new WaitingTask({ taskId: this.#deps.nextTaskId(), ref, addedMs, caller });
      this.#stats.added(task.level, addedMs);
      this.#matcher.place(task);
    });
    return { stored };
  }

  async poll(request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    this.#admit();
    const { limits, shutDownWorkers } = this.#deps;
    if (shutDownWorkers.has(request.workerInstanceKey)) return ENDED_POLL;
    const waiting = this.#matcher.pollers.size + (this.#forwarder?.pollsAway ?? 0);
    if (waiting >= limits.waitingPolls) throw tooMany('polls');
    const startedMs = (this.#lastPollMs = this.#lastUseMs);
    this.#pollerHistory.record(request, startedMs);
    this.#followWorkerLimit(request);
    this.#children.wake();
    const reply = this.#matcher.serveNow() ?? (waitMs > 0 ? await this.#wait(request, waitMs) : EMPTY_POLL);
    this.#lastPollMs = this.#lastUseMs = this.#deps.clock.now();
    // A poll that was cancelled does not bring back a poller that was removed.
    const isCancelled = isEmpty(reply) && this.#lastUseMs - startedMs < waitMs;
    if (!isCancelled) this.#pollerHistory.record(request, this.#lastUseMs);
    if (!request.forwarded) this.#measure(reply);
    return reply;
  }

  cancelPoll(pollerId: string): void {
    this.#matcher.pollers.dismiss(pollerId);
    this.#forwarder?.cancelPoll(pollerId);
  }

  /** The worker process is going: its polls end, and those on their way get nothing. */
  cancelWorkerPolls(workerInstanceKey: string, identity: string): void {
    this.#matcher.pollers.dismissWorker(workerInstanceKey);
    this.#pollerHistory.remove(identity);
  }

  /** What became of a task that was offered, or of a query that its worker could not take. */
  resolve(offerId: string, outcome: number): void {
    if (outcome === OfferOutcome.OFFER_OUTCOME_RETURNED && this.#queries.putBack(offerId)) this.#matcher.serveQuery();
    else this.#matcher.resolve(offerId, outcome);
  }

  /** At the root: brings a task of another partition to a poller within the wait. */
  async forward(ref: TaskRef, waitMs: number): Promise<ForwardTaskReply> {
    this.#admit();
    const addedMs = this.#lastUseMs;
    const back = { outcome: OfferOutcome.OFFER_OUTCOME_RETURNED, unattended: false };
    if (!this.#polledWithin(ROOT_SILENCE_MS)) return { ...back, unattended: true };
    return new Promise((resolve) => {
      const caller = {
        stored: () => undefined,
        over: (outcome: number) => settle({ outcome, unattended: false }),
        refused: () => settle(back),
      };
      const taskId = this.#deps.nextTaskId();
      const task = new WaitingTask({ taskId, ref, addedMs, caller, forwardedUntilMs: addedMs + waitMs });
      const timer = this.#deps.clock.schedule(waitMs, () => {
        if (this.#matcher.withdraw(task)) settle(back);
      });
      const settle = (reply: ForwardTaskReply): void => {
        timer.cancel();
        resolve(reply);
      };
      this.#matcher.place(task);
    });
  }

  /** At a child: workers poll the root. */
  wake(): void {
    this.#forwarder?.attend();
    this.#matcher.match();
  }

  async query(request: QueryTaskRequest, waitMs: number): Promise<QueryTaskReply> {
    this.#admit();
    this.#refuseWithoutWorker();
    if (this.#queries.size >= this.#deps.limits.waitingQueries) throw tooMany('queries');
    const answer = this.#queries.ask(request, waitMs);
    this.#matcher.serveQuery();
    return answer;
  }

  respondQuery(queryId: string, reply: QueryTaskReply): void {
    this.#queries.respond(queryId, reply);
  }

  describe(): DescribePartitionReply {
    this.#admit();
    const now = this.#lastUseMs;
    const { perSecond: requestsPerSecond, source: rateLimitSource } = this.#dispatch.effective;
    const { read: readLevel, acknowledged: ackLevel } = this.#matcher.backlog.levels();
    const { start: blockStart, end: blockEnd } = this.#deps.taskIdBlock();
    return {
      pollers: this.#pollerHistory.list(now),
      levels: levelStats({ ready: this.#matcher.ready, backlog: this.#matcher.backlog, stats: this.#stats }, now),
      rateLimitingActive: this.#dispatch.isActive(now),
      requestsPerSecond,
      rateLimitSource,
      config: this.#config.current,
      taskIds: { readLevel, ackLevel, blockStart, blockEnd },
    };
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
    const away = this.#forwarder === undefined ? 0 : this.#forwarder.pollsAway + this.#forwarder.tasksAway;
    const isWaiting = this.#matcher.pollers.size + this.#matcher.pending + this.#queries.size + away > 0;
    if (isWaiting || this.#matcher.backlog.isWriting) return false;
    return this.#deps.clock.now() - this.#lastUseMs >= this.#deps.limits.idleMs;
  }

  /** The worker of this sticky queue is going: its late polls get nothing, its tasks go to the normal queue. */
  async shutDown(): Promise<void> {
    for (const key of this.#pollerHistory.workerInstanceKeys()) this.#deps.shutDownWorkers.add(key);
    // History's own timer brings back what was stored here: nobody will ever poll for it.
    const stored = Array.from(this.#matcher.ready).filter(({ row }) => row === 'stored');
    for (const task of stored) this.#drop(task);
    await this.close(stickyWorkerUnavailable());
  }

  /** Lets go of everyone who waits; what is stored stays, except what is finished. */
  async close(reason: Error = moving()): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#headCheck.close();
    this.#children.close();
    this.#queries.failAll(reason);
    await this.#matcher.close(reason);
  }

  get #isSticky(): boolean {
    return this.#deps.queue.kind === STICKY;
  }

  #admit(): void {
    if (this.#isClosed) throw moving();
    this.#lastUseMs = this.#deps.clock.now();
  }

  #refuseWithoutWorker(): void {
    if (this.#isSticky && !this.#polledWithin(STICKY_SILENCE_MS)) throw stickyWorkerUnavailable();
  }

  #polledWithin(silenceMs: number): boolean {
    return this.#matcher.pollers.size > 0 || this.#deps.clock.now() - this.#lastPollMs <= silenceMs;
  }

  #createMatcher(): Matcher {
    const { clock, queue } = this.#deps;
    return new Matcher({
      ...this.#deps,
      type: queue.type,
      partition: queue.partition,
      isSticky: this.#isSticky,
      dispatch: this.#dispatch,
      queries: this.#queries,
      stats: this.#stats,
      pollerDelta: (waitedMs, isFromBacklog) => this.#pollerDelta(waitedMs, isFromBacklog),
      silenceMs: () => clock.now() - this.#lastPollMs,
      forwarder: () => this.#forwarder,
    });
  }

  #createForwarder(): Forwarder {
    const { holdMs } = this.#deps.limits;
    return new Forwarder({
      ...this.#deps,
      root: { ...this.#deps.queue, partition: 0 },
      holdMs,
      onBack: (task) => this.#matcher.giveBack(task),
      onOver: (task, outcome) => {
        if (outcome === OfferOutcome.OFFER_OUTCOME_STARTED) this.#stats.dispatched(task.level, this.#deps.clock.now());
        this.#matcher.finish(task, outcome);
        this.#matcher.match();
      },
      onPollRoom: () => this.#matcher.pollers.next()?.answer(ROOM_AT_ROOT),
    });
  }

  #wait(request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    if (this.#forwarder !== undefined) return this.#waitAtRoot(this.#forwarder, request, waitMs);
    const reply = this.#matcher.pollers.wait(request, waitMs);
    // It may wait because of a limit.
    this.#matcher.match();
    return reply;
  }

  /** Nothing waits in this partition: in another one it may. */
  async #waitAtRoot(forwarder: Forwarder, request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    const { clock } = this.#deps;
    const endMs = clock.now() + waitMs;
    if (this.#config.ageMs > CONFIG_AGE_MS) void this.reloadConfig().catch(() => undefined);
    forwarder.attend();
    this.#matcher.match();
    for (let restMs = waitMs; restMs > 0 && !this.#isClosed; restMs = endMs - clock.now()) {
      if (forwarder.mayTakePoll) {
        const reply = (await forwarder.poll(request, restMs)) ?? this.#matcher.serveNow();
        if (reply !== undefined) return reply;
      } else {
        const reply = await this.#matcher.pollers.wait(request, restMs);
        if (reply !== ROOM_AT_ROOT) return reply;
      }
    }
    return EMPTY_POLL;
  }

  #followWorkerLimit(request: PollTaskRequest): void {
    if (this.#deps.queue.type !== ACTIVITY) return;
    if (this.#dispatch.setWorkerLimit(workerLimitOf(request), this.#lastUseMs)) this.#matcher.limitsChanged();
  }

  #measure(reply: PollTaskReply): void {
    const { measured, queue } = this.#deps;
    if (isEmpty(reply)) measured.pollTimedOut(queue.type);
    else measured.pollSucceeded(queue.type, reply.task?.syncMatch === true);
  }

  #drop(task: WaitingTask): void {
    if (this.#matcher.withdraw(task)) this.#matcher.finish(task, OfferOutcome.OFFER_OUTCOME_DROPPED);
  }

  #pollerDelta(waitedMs: number, isFromBacklog: boolean): number {
    const nowMs = this.#deps.clock.now();
    return this.#scaling.decide({
      nowMs,
      waitedMs,
      isFromBacklog,
      pollers: this.#pollerHistory.size,
      isRateLimited: this.#dispatch.isActive(nowMs),
      backlogAgeMs: () => headAgeMs(this.#matcher.ready, nowMs),
      rates: () => this.#stats.total(nowMs),
      isRoot: this.#deps.queue.partition === 0,
    });
  }
}

const tooMany = (what: string): Error =>
  resourceExhausted(`Too many waiting ${what} on the task queue`, CONCURRENT_LIMIT, SCOPE_SYSTEM);
