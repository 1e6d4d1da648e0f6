import { unavailable } from '@duramesh/contracts';
import type { Version } from '@duramesh/engine';
import type { BacklogPosition } from '@duramesh/persistence';
import { OfferOutcome, type PollTaskReply, type TaskQueuePartition, type TaskRef } from '@duramesh/proto';
import type { Clock, Logger, Timer, Tracer } from '@duramesh/runtime';
import type { MatchingLimits } from '../limits.ts';
import type { MatchingMetrics } from '../matching-metrics.ts';
import { Backlog, type BacklogRows, PAGE, type WaitingLine } from './backlog.ts';
import type { DispatchLimits } from './dispatch-limits.ts';
import type { Forwarder } from './forwarder.ts';
import { HeldTasks } from './held-tasks.ts';
import { matchedSpan } from './matched-span.ts';
import { Offers } from './offers.ts';
import { EMPTY_POLL, PollerLine } from './poller-line.ts';
import type { QueryBoard } from './query-board.ts';
import type { QueueStats } from './queue-stats.ts';
import { Scheduler } from './scheduler.ts';
import { LEVELS, type WaitingTask } from './waiting-task.ts';

/** Pollers that came by this lately are busy and will be back soon: worth holding an unstored task for. */
const BUSY_POLLER_MS = 1_000;
/** More rows of a level are read when fewer of its tasks than this can be given away. */
const RELOAD_AT = 100;
/** No more are read while so many are in memory, and none above the second figure stay there. */
const ENOUGH_TASKS = 4 * PAGE;
const MOST_TASKS = 6 * PAGE;
const READ_RETRY_MS = 1_000;
const { STARTED, DROPPED } = {
  STARTED: OfferOutcome.OFFER_OUTCOME_STARTED,
  DROPPED: OfferOutcome.OFFER_OUTCOME_DROPPED,
};

export interface MatcherDeps {
  readonly queue: TaskQueuePartition;
  readonly isSticky: boolean;
  readonly rows: BacklogRows;
  readonly dispatch: DispatchLimits;
  readonly queries: QueryBoard;
  readonly stats: QueueStats;
  readonly measured: MatchingMetrics;
  readonly nextOfferId: () => string;
  /** The version that an unpinned workflow would go to; undefined when the queue knows of none. */
  readonly targetOf: (task: TaskRef) => Version | undefined;
  /** What a poller that gets something is told about the number of pollers. */
  readonly pollerDelta: (waitedMs: number, isFromBacklog: boolean) => number;
  /** How long ago somebody polled. */
  readonly silenceMs: () => number;
  /** Of a child partition. */
  readonly forwarder: () => Forwarder | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracer?: Tracer | undefined;
  readonly limits: MatchingLimits;
}

/**
 * Where tasks meet polls. A task that is added goes to the poll that waits longest, unless others come before it or a
 * limit holds it back; when no poll waits it is held for a moment if pollers are merely busy, then stored. An offered
 * task comes back when the poller's frontend gives it back or falls silent.
 */
export class Matcher {
  readonly pollers: PollerLine;
  /** Tasks that wait for a poller. */
  readonly ready: Scheduler;
  /** Those of them that are stored, and others that are. */
  readonly backlog: Backlog;
  readonly #deps: MatcherDeps;
  readonly #offers: Offers;
  readonly #held: HeldTasks;
  /** Levels that are being read, or will be again after a failure. */
  readonly #reading = new Set<number>();
  readonly #readTimers = new Map<number, Timer>();
  #limitTimer: Timer | undefined;
  #isClosed = false;

  constructor(deps: MatcherDeps) {
    const { clock, limits, dispatch, isSticky } = deps;
    this.#deps = deps;
    this.pollers = new PollerLine(clock);
    this.#offers = new Offers(clock, limits.offerMs, (task) => this.#onSilence(task));
    this.#held = new HeldTasks(clock, limits.holdMs, (task) => void this.#write(task, true));
    this.ready = new Scheduler({
      limits: dispatch,
      isUnread: (level) => this.#isUnread(level),
      maxKeys: limits.fairnessKeys,
      isUnfair: isSticky,
    });
    this.backlog = new Backlog({ ...deps, outstandingAppends: limits.outstandingAppends, line: this.#line() });
  }

  /** Unanswered offers, unstored tasks: they go with the memory. */
  get pending(): number {
    return this.#offers.size + this.#held.size;
  }

  /** Reads the head of each level; before that nothing may be added or polled. */
  async load(): Promise<void> {
    await this.backlog.load();
    for (let level = 1; level <= LEVELS; level++) {
      await this.backlog.readMore(level);
      this.ready.resume(level);
    }
  }

  /** Brings a new task to a poller, or lets it wait. */
  place(task: WaitingTask): void {
    if (this.pollers.size > 0 && this.#isNext(task)) return this.#offerToNext(task);
    const { limits } = this.#deps;
    const { level } = task;
    if (task.isForwarded) return this.#wait(task);
    const hasRoom = this.backlog.isComplete(level) && this.ready.sizeOf(level) < limits.loadedTasks;
    if (!hasRoom) return void this.#write(task, false);
    if (this.#deps.forwarder()?.mayTake(level) || this.#isWorthHolding()) {
      this.#held.add(task);
      this.#wait(task);
    } else {
      this.ready.push(task);
      void this.#write(task, true);
    }
  }

  /** What a poll need not wait for: queries first, their callers are waiting. */
  serveNow(): PollTaskReply | undefined {
    const query = this.#takeQuery(0);
    if (query !== undefined) return query;
    const task = this.#takeReady();
    this.#readMore();
    return task && this.#offer(task, 0);
  }

  /** A query waits: for the poll that waits longest, if there is one. */
  serveQuery(): void {
    const poll = this.pollers.next();
    poll?.answer(this.#takeQuery(this.#deps.clock.now() - poll.sinceMs) ?? EMPTY_POLL);
  }

  resolve(offerId: string, outcome: number): void {
    const task = this.#offers.end(offerId);
    if (task === undefined) return;
    if (outcome !== STARTED) this.#uncharge(task);
    if (outcome === STARTED || outcome === DROPPED) {
      this.finish(task, outcome);
      if (outcome === DROPPED) this.match();
    } else this.giveBack(task);
  }

  /** Gives away what can be given away. To be called when polls, tasks or limits have changed. */
  match(): void {
    while (this.pollers.size > 0) {
      const task = this.#takeReady();
      if (task === undefined) break;
      this.#offerToNext(task);
    }
    if (this.pollers.size > 0) {
      this.#waitForLimits();
      this.#readMore();
    } else this.#forward();
  }

  limitsChanged(): void {
    this.ready.reconsider();
    this.#limitTimer?.cancel();
    this.#limitTimer = undefined;
    this.match();
  }

  /** Nobody needs the task any more. */
  finish(task: WaitingTask, outcome: number): void {
    task.isFinished = true;
    this.#held.remove(task);
    task.tellOver(outcome);
    if (task.row === 'stored') this.backlog.discard(task);
  }

  /** An offer came to nothing: somebody else gets the task, at its old place in the order. */
  giveBack(task: WaitingTask): void {
    const now = this.#deps.clock.now();
    if (task.isFinished) return;
    if (task.isExpired(now)) return this.#expire(task);
    if (task.isForwarded) {
      if (now >= (task.forwardedUntilMs ?? 0)) return task.refuse(unavailable('no poller took the task'));
    } else if (task.row === 'none') {
      if (this.#held.isDue(task)) void this.#write(task, true);
      else this.#held.add(task);
    }
    this.#wait(task);
  }

  /** Lets go of a task that waits for a poller. @returns whether it did wait */
  withdraw(task: WaitingTask): boolean {
    return this.ready.remove(task);
  }

  /** Answers every poll with nothing, refuses every task that is not stored, forgets the others. */
  async close(reason: Error): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#readTimers.values()) timer.cancel();
    this.#limitTimer?.cancel();
    const now = this.#deps.clock.now();
    const waiting = this.ready.drain();
    for (const task of waiting) if (task.row === 'stored' && task.isExpired(now)) this.#expire(task);
    const away = this.#deps.forwarder()?.close() ?? [];
    for (const task of [...waiting, ...away, ...this.#held.close(), ...this.#offers.endAll()]) task.refuse(reason);
    this.pollers.dismissAll();
    await this.backlog.close();
  }

  /** Whether nothing comes before the task, and nothing holds it back. */
  #isNext(task: WaitingTask): boolean {
    const { dispatch, clock } = this.#deps;
    if (this.ready.size > 0 || !this.backlog.isCompleteUpTo(task.level)) return false;
    const now = clock.now();
    return dispatch.queueWaitMs(now) === 0 && dispatch.keyWaitMs(task, now) === 0;
  }

  #isWorthHolding(): boolean {
    const { limits, silenceMs } = this.#deps;
    return this.#held.size < limits.heldTasks && (this.pollers.size > 0 || silenceMs() <= BUSY_POLLER_MS);
  }

  #wait(task: WaitingTask): void {
    this.ready.push(task);
    this.match();
  }

  #line(): WaitingLine {
    return {
      keyOf: (task) => this.ready.keyOf(task),
      isSure: (level, key) => this.ready.shares(level).isSure(key),
      learn: (level, key, last) => this.ready.shares(level).learn(key, last.pass, last.isLast),
      place: (task) => this.ready.place(task),
      lastPlace: (level) => placeOf(this.ready.last(level)),
      hold: (task) => {
        this.ready.push(task);
        this.#dropExcess(task.level);
      },
    };
  }

  #offerToNext(task: WaitingTask): void {
    // Whoever need not wait stands, if it comes back, before everybody who came later.
    task.pass ??= this.ready.shares(task.level).now;
    const poll = this.pollers.next();
    poll?.answer(this.#offer(task, this.#deps.clock.now() - poll.sinceMs));
  }

  #offer(task: WaitingTask, waitedMs: number): PollTaskReply {
    const { clock, dispatch, stats, nextOfferId, queue, pollerDelta, targetOf, tracer, measured } = this.#deps;
    const offerId = nextOfferId();
    const now = clock.now();
    this.#held.remove(task);
    this.#offers.make(offerId, task);
    dispatch.take(task, now);
    // Where it was added it is counted once it is known to have started.
    if (!task.isForwarded) stats.dispatched(task.level, now);
    const isSync = task.row === 'none';
    measured.matched(queue.type, { waitedMs: now - (task.ref.createdMs || task.addedMs), isSync });
    const ref = tracer?.isOn ? matchedSpan(tracer, queue, task) : task.ref;
    return {
      task: { offerId, task: ref, syncMatch: isSync, targetVersion: targetOf(task.ref) },
      query: undefined,
      backlogCountHint: this.ready.size,
      partition: queue.partition,
      pollerDelta: pollerDelta(waitedMs, !isSync),
      ended: false,
    };
  }

  #takeQuery(waitedMs: number): PollTaskReply | undefined {
    const { queries, queue, pollerDelta } = this.#deps;
    const query = queries.take();
    if (query === undefined) return undefined;
    const backlogCountHint = this.ready.size;
    const { partition } = queue;
    return { ...EMPTY_POLL, query, backlogCountHint, partition, pollerDelta: pollerDelta(waitedMs, false) };
  }

  #takeReady(): WaitingTask | undefined {
    const now = this.#deps.clock.now();
    for (let task = this.ready.pop(now); task !== undefined; task = this.ready.pop(now)) {
      if (!task.isExpired(now)) return task;
      this.#expire(task);
    }
    return undefined;
  }

  /** Where no poll waits, tasks look for one at the root. */
  #forward(): void {
    const forwarder = this.#deps.forwarder();
    if (forwarder === undefined || this.#isClosed) return;
    const now = this.#deps.clock.now();
    const next = (): WaitingTask | undefined => this.ready.popUnlimited((level) => forwarder.mayTake(level));
    for (let task = next(); task !== undefined; task = next()) {
      if (task.isExpired(now)) this.#expire(task);
      else {
        this.#held.remove(task);
        forwarder.send(task);
      }
    }
    this.#readMore();
  }

  /** Polls wait although there are tasks: until a limit lets one go. */
  #waitForLimits(): void {
    if (this.#limitTimer !== undefined || this.ready.size === 0) return;
    const { clock } = this.#deps;
    const waitMs = this.ready.waitMs(clock.now());
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#limitTimer = clock.schedule(Math.max(waitMs, 1), () => {
      this.#limitTimer = undefined;
      this.match();
    });
  }

  /** History's own timer acts on it: here it is only forgotten. */
  #expire(task: WaitingTask): void {
    this.#deps.measured.taskExpired(this.#deps.queue.type);
    this.finish(task, DROPPED);
  }

  /** No worker did the task: another one may have its place under the limits. */
  #uncharge(task: WaitingTask): void {
    this.#deps.dispatch.giveBack(task);
    this.ready.reconsiderKey(this.ready.keyOf(task));
  }

  #onSilence(task: WaitingTask): void {
    this.#uncharge(task);
    this.#deps.measured.offerExpired(this.#deps.queue.type);
    this.giveBack(task);
  }

  async #write(task: WaitingTask, isHeld: boolean): Promise<void> {
    const { measured, queue } = this.#deps;
    try {
      await this.backlog.append(task, isHeld);
      measured.taskStored(queue.type);
      task.tellStored();
      if (task.isFinished) return this.backlog.discard(task);
      this.match();
    } catch (error) {
      // Whoever added it adds it again.
      task.isFinished = true;
      this.ready.remove(task);
      task.refuse(error instanceof Error ? error : unavailable(String(error)));
    }
  }

  /** Memory is bounded: the last of a level are read again when their turn comes. */
  #dropExcess(level: number): void {
    if (this.ready.sizeOf(level) <= MOST_TASKS || this.#reading.has(level)) return;
    this.backlog.forget(this.ready.dropLast(level, ENOUGH_TASKS));
  }

  #isUnread(level: number): boolean {
    return !this.backlog.isComplete(level) && this.ready.sizeOf(level) < ENOUGH_TASKS;
  }

  /** Brings the next rows into memory, unless that is under way. */
  #readMore(): void {
    for (let level = 1; level <= LEVELS; level++) {
      if (!this.#isUnread(level) || this.#reading.has(level) || this.#isClosed) continue;
      if (this.ready.freeSizeOf(level) >= RELOAD_AT) continue;
      this.#reading.add(level);
      void this.#read(level);
    }
  }

  async #read(level: number): Promise<void> {
    const { clock, logger } = this.#deps;
    try {
      await this.backlog.readMore(level);
    } catch (error) {
      logger.warn({ error }, 'could not read the backlog');
      if (!this.#isClosed)
        this.#readTimers.set(
          level,
          clock.schedule(READ_RETRY_MS, () => void this.#read(level)),
        );
      return;
    }
    this.#reading.delete(level);
    this.match();
  }
}

const placeOf = (task: WaitingTask | undefined): BacklogPosition | undefined =>
  task && { pass: task.pass ?? 0, taskId: task.taskId };
