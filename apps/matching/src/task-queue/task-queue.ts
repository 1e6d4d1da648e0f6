import { resourceExhausted, stickyWorkerUnavailable, unavailable } from '@duramesh/contracts';
import {
  type AddTaskReply,
  type DescribePartitionReply,
  OfferOutcome,
  type PollTaskReply,
  type PollTaskRequest,
  type QueryTaskReply,
  type QueryTaskRequest,
  type TaskRef,
} from '@duramesh/proto';
import type { Clock, Ids, Logger, Timer } from '@duramesh/runtime';
import type { MatchingLimits } from '../limits.ts';
import type { MatchingMetrics } from '../matching-metrics.ts';
import { moving } from '../moving.ts';
import type { ShutDownWorkers } from '../shut-down-workers.ts';
import { Backlog, type BacklogRows } from './backlog.ts';
import { Offers } from './offers.ts';
import { PollerHistory } from './poller-history.ts';
import { EMPTY_POLL, PollerLine } from './poller-line.ts';
import { QueryBoard } from './query-board.ts';
import { RateWindow } from './rate-window.ts';
import { TaskHeap } from './task-heap.ts';
import { WaitingTask } from './waiting-task.ts';

/** A sticky queue without a poll for this long has no worker. */
const STICKY_SILENCE_MS = 10_000;
const QUERY_SILENCE_MS = 20_000;
/** Pollers that came by this lately are busy and will be back soon: worth holding an unstored task for. */
const BUSY_POLLER_MS = 1_000;
/** More rows are read when fewer tasks than this are in memory. */
const RELOAD_AT = 100;
const READ_RETRY_MS = 1_000;
const CONCURRENT_LIMIT = 2;
const SCOPE_SYSTEM = 2;

export interface TaskQueueDeps {
  readonly isSticky: boolean;
  /** TaskQueueType */
  readonly type: number;
  readonly measured: MatchingMetrics;
  readonly rows: BacklogRows;
  /** Rising, and never used before under any lease of the slot. */
  readonly nextTaskId: () => number;
  readonly nextOfferId: () => string;
  readonly shutDownWorkers: ShutDownWorkers;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly limits: MatchingLimits;
}

/**
 * One partition of one task queue: tasks meet pollers here. A task that is added goes to the poller that waits
 * longest; when none waits it is held for a moment if pollers are merely busy, then stored. An offered task comes
 * back when the poller's frontend gives it back or falls silent. The add call is answered once the task is with a
 * worker, obsolete, or durable.
 */
export class TaskQueue {
  readonly #deps: TaskQueueDeps;
  readonly #backlog: Backlog;
  readonly #pollers: PollerLine;
  readonly #pollerHistory = new PollerHistory();
  readonly #offers: Offers;
  readonly #queries: QueryBoard;
  /** Tasks that wait for a poller. While a poller waits it is empty. */
  readonly #ready = new TaskHeap();
  /** Those of them that are not stored yet, in the order they came. */
  readonly #held = new Set<WaitingTask>();
  readonly #added: RateWindow;
  readonly #dispatched: RateWindow;
  #holdTimer: Timer | undefined;
  #readTimer: Timer | undefined;
  #isReading = false;
  #lastPollMs = Number.NEGATIVE_INFINITY;
  #lastUseMs: number;
  #isClosed = false;

  constructor(deps: TaskQueueDeps) {
    const { clock, limits } = deps;
    this.#deps = deps;
    this.#backlog = new Backlog({ ...deps, outstandingAppends: limits.outstandingAppends });
    this.#pollers = new PollerLine(clock);
    this.#offers = new Offers(clock, limits.offerMs, (task) => this.#onSilence(task));
    this.#queries = new QueryBoard({ ...deps, pollerSeenLately: () => this.#polledWithin(QUERY_SILENCE_MS) });
    this.#lastUseMs = clock.now();
    this.#added = new RateWindow(this.#lastUseMs);
    this.#dispatched = new RateWindow(this.#lastUseMs);
  }

  /** Reads the head of the backlog; before that the queue must not be used. */
  async load(): Promise<void> {
    for (const task of await this.#backlog.readMore()) this.#ready.push(task);
  }

  async add(ref: TaskRef): Promise<AddTaskReply> {
    this.#admit();
    if (this.#deps.isSticky && !this.#polledWithin(STICKY_SILENCE_MS)) throw stickyWorkerUnavailable();
    const addedMs = this.#lastUseMs;
    this.#added.add(addedMs);
    const stored = await new Promise<boolean>((resolve, reject) => {
      this.#place(new WaitingTask({ taskId: this.#deps.nextTaskId(), ref, addedMs, add: { resolve, reject } }));
    });
    return { stored };
  }

  async poll(request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    this.#admit();
    const { limits, shutDownWorkers } = this.#deps;
    if (shutDownWorkers.has(request.workerInstanceKey)) return EMPTY_POLL;
    if (this.#pollers.size >= limits.waitingPolls) throw tooMany('polls');
    this.#lastPollMs = this.#lastUseMs;
    this.#pollerHistory.record(request, this.#lastUseMs);
    const reply = this.#serveNow() ?? (waitMs > 0 ? await this.#wait(request, waitMs) : EMPTY_POLL);
    const { measured, type } = this.#deps;
    if (reply === EMPTY_POLL) measured.pollTimedOut(type);
    else measured.pollSucceeded(type, reply.task?.syncMatch === true);
    return reply;
  }

  cancelPoll(pollerId: string): void {
    this.#pollers.dismiss(pollerId);
  }

  resolve(offerId: string, outcome: number): void {
    const task = this.#offers.end(offerId);
    if (task === undefined) return;
    const isOver = outcome === OfferOutcome.OFFER_OUTCOME_STARTED || outcome === OfferOutcome.OFFER_OUTCOME_DROPPED;
    if (isOver) this.#finish(task);
    else this.#giveBack(task);
  }

  async query(request: QueryTaskRequest, waitMs: number): Promise<QueryTaskReply> {
    this.#admit();
    if (this.#deps.isSticky && !this.#polledWithin(STICKY_SILENCE_MS)) throw stickyWorkerUnavailable();
    if (this.#queries.size >= this.#deps.limits.waitingQueries) throw tooMany('queries');
    const answer = this.#queries.ask(request, waitMs);
    if (this.#pollers.size > 0) {
      const query = this.#queries.take();
      this.#pollers.answerNext({ task: undefined, query, backlogCountHint: this.#ready.size });
    }
    return answer;
  }

  respondQuery(queryId: string, reply: QueryTaskReply): void {
    this.#queries.respond(queryId, reply);
  }

  async describe(): Promise<DescribePartitionReply> {
    this.#admit();
    const now = this.#lastUseMs;
    const { count, oldestMs } = await this.#backlog.count();
    let createdMs = oldestMs ?? now;
    for (const task of this.#ready) if (task.row !== 'none') createdMs = Math.min(createdMs, task.ref.createdMs);
    return {
      pollers: this.#pollerHistory.list(now),
      backlogCount: count,
      backlogAgeMs: count === 0 ? 0 : Math.max(now - createdMs, 0),
      tasksAddRate: this.#added.perSecond(now),
      tasksDispatchRate: this.#dispatched.perSecond(now),
    };
  }

  /** Nobody used it for a while and nobody waits. */
  isIdle(): boolean {
    const isWaiting = this.#pollers.size + this.#offers.size + this.#queries.size + this.#held.size > 0;
    if (isWaiting || this.#backlog.isWriting) return false;
    return this.#deps.clock.now() - this.#lastUseMs >= this.#deps.limits.idleMs;
  }

  /** The worker of this sticky queue is going: its late polls get nothing, its tasks go to the normal queue. */
  async shutDown(): Promise<void> {
    for (const key of this.#pollerHistory.workerInstanceKeys()) this.#deps.shutDownWorkers.add(key);
    // History's own timer brings back what was stored here: nobody will ever poll for it.
    for (const task of this.#ready.drain()) if (task.row === 'stored') this.#finish(task);
    await this.close(stickyWorkerUnavailable());
  }

  /** Lets go of everyone who waits; what is stored stays, except what is finished. */
  async close(reason: Error = moving()): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#holdTimer?.cancel();
    this.#readTimer?.cancel();
    const now = this.#deps.clock.now();
    for (const task of this.#ready.drain()) if (task.isExpired(now)) this.#finish(task);
    for (const task of [...this.#held, ...this.#offers.endAll()]) task.refuse(reason);
    this.#held.clear();
    this.#pollers.dismissAll();
    this.#queries.failAll(reason);
    await this.#backlog.close();
  }

  #admit(): void {
    if (this.#isClosed) throw moving();
    this.#lastUseMs = this.#deps.clock.now();
  }

  #polledWithin(silenceMs: number): boolean {
    return this.#pollers.size > 0 || this.#deps.clock.now() - this.#lastPollMs <= silenceMs;
  }

  /** What a poll need not wait for: queries first, their callers are waiting. */
  #serveNow(): PollTaskReply | undefined {
    const query = this.#queries.take();
    if (query !== undefined) return { task: undefined, query, backlogCountHint: this.#ready.size };
    const task = this.#takeReady();
    if (this.#ready.size < RELOAD_AT) this.#readMore();
    return task && this.#offer(task);
  }

  async #wait(request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    const reply = await this.#pollers.wait(request, waitMs);
    this.#lastPollMs = this.#lastUseMs = this.#deps.clock.now();
    return reply;
  }

  /** To the poller that waits longest, or else to those that wait for one. */
  #place(task: WaitingTask): void {
    if (this.#pollers.size > 0 && this.#backlog.isComplete) return this.#offerToNext(task);
    const { heldTasks } = this.#deps.limits;
    const isWorthHolding = this.#backlog.isComplete && this.#polledWithin(BUSY_POLLER_MS);
    if (isWorthHolding && this.#held.size < heldTasks) this.#hold(task);
    else void this.#store(task);
  }

  #offerToNext(task: WaitingTask): void {
    this.#pollers.answerNext(this.#offer(task));
  }

  #offer(task: WaitingTask): PollTaskReply {
    const offerId = this.#deps.nextOfferId();
    this.#held.delete(task);
    this.#offers.make(offerId, task);
    this.#dispatched.add(this.#deps.clock.now());
    const offer = { offerId, task: task.ref, syncMatch: task.row === 'none' };
    return { task: offer, query: undefined, backlogCountHint: this.#ready.size };
  }

  #takeReady(): WaitingTask | undefined {
    const now = this.#deps.clock.now();
    for (let task = this.#ready.pop(); task !== undefined; task = this.#ready.pop()) {
      if (!task.isExpired(now)) return task;
      this.#expire(task);
    }
    return undefined;
  }

  #match(): void {
    while (this.#pollers.size > 0) {
      const task = this.#takeReady();
      if (task === undefined) break;
      this.#offerToNext(task);
    }
  }

  #finish(task: WaitingTask): void {
    task.isFinished = true;
    this.#held.delete(task);
    task.acknowledge(false);
    if (task.row === 'stored') this.#backlog.discard(task);
  }

  /** History's own timer acts on it: here it is only forgotten. */
  #expire(task: WaitingTask): void {
    this.#deps.measured.taskExpired(this.#deps.type);
    this.#finish(task);
  }

  #onSilence(task: WaitingTask): void {
    this.#deps.measured.offerExpired(this.#deps.type);
    this.#giveBack(task);
  }

  /** An offer came to nothing: somebody else gets the task, at its old place in the order. */
  #giveBack(task: WaitingTask): void {
    const { clock, limits } = this.#deps;
    const now = clock.now();
    if (task.isFinished) return;
    if (task.isExpired(now)) return this.#expire(task);
    const isDue = now - task.addedMs >= limits.holdMs;
    this.#ready.push(task);
    if (task.row === 'none' && !isDue) this.#holdReady(task);
    else if (task.row === 'none') void this.#storeReady(task);
    this.#match();
  }

  #hold(task: WaitingTask): void {
    this.#ready.push(task);
    this.#holdReady(task);
  }

  #holdReady(task: WaitingTask): void {
    this.#held.add(task);
    this.#holdTimer ??= this.#deps.clock.schedule(this.#deps.limits.holdMs, () => this.#storeHeld());
  }

  #storeHeld(): void {
    const { clock, limits } = this.#deps;
    const now = clock.now();
    this.#holdTimer = undefined;
    for (const task of this.#held) {
      const restMs = task.addedMs + limits.holdMs - now;
      if (restMs > 0) {
        this.#holdTimer = clock.schedule(restMs, () => this.#storeHeld());
        return;
      }
      this.#held.delete(task);
      void this.#storeReady(task);
    }
  }

  #store(task: WaitingTask): Promise<void> {
    const hasRoom = this.#backlog.isComplete && this.#ready.size < this.#deps.limits.loadedTasks;
    if (!hasRoom && !task.isUrgent) return this.#write(task, false);
    this.#ready.push(task);
    return this.#storeReady(task);
  }

  #storeReady(task: WaitingTask): Promise<void> {
    return this.#write(task, true);
  }

  async #write(task: WaitingTask, isHeld: boolean): Promise<void> {
    try {
      const mustHold = await this.#backlog.append(task, isHeld);
      this.#deps.measured.taskStored(this.#deps.type);
      task.acknowledge(true);
      if (task.isFinished) return this.#backlog.discard(task);
      if (isHeld) return;
      if (mustHold) this.#ready.push(task);
      this.#match();
      if (this.#pollers.size > 0) this.#readMore();
    } catch (error) {
      // Whoever added it adds it again.
      task.isFinished = true;
      this.#ready.remove(task);
      task.refuse(error instanceof Error ? error : unavailable(String(error)));
    }
  }

  /** Brings the next rows into memory, unless that is under way. */
  #readMore(): void {
    if (this.#isReading || this.#backlog.isComplete || this.#isClosed) return;
    this.#isReading = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    const { clock, logger } = this.#deps;
    try {
      await this.load();
    } catch (error) {
      logger.warn({ error }, 'could not read the backlog');
      this.#readTimer = clock.schedule(READ_RETRY_MS, () => void this.#read());
      return;
    }
    this.#isReading = false;
    this.#match();
    if (this.#pollers.size > 0) this.#readMore();
  }
}

const tooMany = (what: string): Error =>
  resourceExhausted(`Too many waiting ${what} on the task queue`, CONCURRENT_LIMIT, SCOPE_SYSTEM);
