import type { Client, MatchingContract } from '@duramesh/contracts';
import type { Version } from '@duramesh/engine';
import {
  type ForwardTaskReply,
  OfferOutcome,
  type PollTaskReply,
  type PollTaskRequest,
  type TaskQueuePartition,
  type TaskRef,
} from '@duramesh/proto';
import type { Clock, Ids, Logger, Tracer } from '@duramesh/runtime';
import type { MatchingLimits } from '../limits.ts';
import type { MatchingMetrics } from '../matching-metrics.ts';
import type { BacklogRows } from './backlog.ts';
import type { DispatchLimits } from './dispatch-limits.ts';
import { Forwarder } from './forwarder.ts';
import { headAgeMs } from './level-stats.ts';
import { Matcher } from './matcher.ts';
import { EMPTY_POLL } from './poller-line.ts';
import { QueryBoard } from './query-board.ts';
import type { QueueStats } from './queue-stats.ts';
import { WaitingTask } from './waiting-task.ts';

const STICKY = 2;
const QUERY_SILENCE_MS = 20_000;
/** A root without a poll for this long has no worker for what its children forward. */
const ROOT_SILENCE_MS = 10_000;
/** Takes a poll out of the line because there is room for it at the root. */
const ROOM_AT_ROOT: PollTaskReply = { ...EMPTY_POLL };

export interface LaneDeps {
  readonly queue: TaskQueuePartition;
  readonly rows: BacklogRows;
  /** The limits of the partition, which all lanes share. */
  readonly dispatch: DispatchLimits;
  readonly stats: QueueStats;
  readonly measured: MatchingMetrics;
  readonly nextTaskId: () => number;
  readonly nextOfferId: () => string;
  readonly matching: Client<MatchingContract>;
  /** The version that an unpinned workflow would go to; undefined when the queue knows of none. */
  readonly targetOf: (task: TaskRef) => Version | undefined;
  readonly pollerDelta: (lane: Lane, waitedMs: number, isFromBacklog: boolean) => number;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly tracer?: Tracer | undefined;
  readonly limits: MatchingLimits;
}

/**
 * The tasks and polls of one version of the workers, or of those without one: a queue of its own within the partition, with
 * rows of its own. A queue whose workers have no versions has one lane.
 */
export class Lane {
  readonly matcher: Matcher;
  readonly queries: QueryBoard;
  /** Of a child partition. */
  readonly forwarder: Forwarder | undefined;
  readonly #deps: LaneDeps;
  #lastPollMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(deps: LaneDeps) {
    this.#deps = deps;
    const { clock, queue } = deps;
    this.queries = new QueryBoard({ ...deps, pollerSeenLately: () => this.polledWithin(QUERY_SILENCE_MS) });
    this.matcher = new Matcher({
      ...deps,
      isSticky: queue.kind === STICKY,
      queries: this.queries,
      pollerDelta: (waitedMs, isFromBacklog) => deps.pollerDelta(this, waitedMs, isFromBacklog),
      silenceMs: () => clock.now() - this.#lastPollMs,
      forwarder: () => this.forwarder,
    });
    this.forwarder = queue.partition > 0 ? this.#createForwarder() : undefined;
  }

  load(): Promise<void> {
    return this.matcher.load();
  }

  /** Polls that wait, here or at the root. */
  get waitingPolls(): number {
    return this.matcher.pollers.size + (this.forwarder?.pollsAway ?? 0);
  }

  /** Somebody or something is kept in memory that is nowhere else. */
  get isBusy(): boolean {
    const away = this.forwarder === undefined ? 0 : this.forwarder.pollsAway + this.forwarder.tasksAway;
    const isWaiting = this.matcher.pollers.size + this.matcher.pending + this.queries.size + away > 0;
    return isWaiting || this.matcher.backlog.isWriting;
  }

  polledWithin(silenceMs: number): boolean {
    return this.matcher.pollers.size > 0 || this.#deps.clock.now() - this.#lastPollMs <= silenceMs;
  }

  /** How long its oldest stored task has waited; undefined when none waits. */
  headAgeMs(nowMs: number): number | undefined {
    return headAgeMs(this.matcher.ready, nowMs);
  }

  async poll(request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    const { clock } = this.#deps;
    this.#lastPollMs = clock.now();
    const reply = this.matcher.serveNow() ?? (waitMs > 0 ? await this.#wait(request, waitMs) : EMPTY_POLL);
    this.#lastPollMs = clock.now();
    return reply;
  }

  cancelPoll(pollerId: string): void {
    this.matcher.pollers.dismiss(pollerId);
    this.forwarder?.cancelPoll(pollerId);
  }

  /** At the root: brings a task of another partition to a poller within the wait. */
  async forward(ref: TaskRef, waitMs: number): Promise<ForwardTaskReply> {
    const { clock, nextTaskId } = this.#deps;
    const addedMs = clock.now();
    const back = { outcome: OfferOutcome.OFFER_OUTCOME_RETURNED, unattended: false };
    if (!this.polledWithin(ROOT_SILENCE_MS)) return { ...back, unattended: true };
    return new Promise((resolve) => {
      const caller = {
        stored: () => undefined,
        over: (outcome: number) => settle({ outcome, unattended: false }),
        refused: () => settle(back),
      };
      const task = new WaitingTask({ taskId: nextTaskId(), ref, addedMs, caller, forwardedUntilMs: addedMs + waitMs });
      const timer = clock.schedule(waitMs, () => {
        if (this.matcher.withdraw(task)) settle(back);
      });
      const settle = (reply: ForwardTaskReply): void => {
        timer.cancel();
        resolve(reply);
      };
      this.matcher.place(task);
    });
  }

  /** At a child: workers poll the root. */
  wake(): void {
    this.forwarder?.attend();
    this.matcher.match();
  }

  drop(task: WaitingTask): void {
    if (this.matcher.withdraw(task)) this.matcher.finish(task, OfferOutcome.OFFER_OUTCOME_DROPPED);
  }

  async close(reason: Error): Promise<void> {
    this.#isClosed = true;
    this.queries.failAll(reason);
    await this.matcher.close(reason);
  }

  #createForwarder(): Forwarder {
    const { limits, queue, stats, clock } = this.#deps;
    return new Forwarder({
      ...this.#deps,
      root: { ...queue, partition: 0 },
      holdMs: limits.holdMs,
      onBack: (task) => this.matcher.giveBack(task),
      onOver: (task, outcome) => {
        if (outcome === OfferOutcome.OFFER_OUTCOME_STARTED) stats.dispatched(task.level, clock.now());
        this.matcher.finish(task, outcome);
        this.matcher.match();
      },
      onPollRoom: () => this.matcher.pollers.next()?.answer(ROOM_AT_ROOT),
    });
  }

  #wait(request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    if (this.forwarder !== undefined) return this.#waitAtRoot(this.forwarder, request, waitMs);
    const reply = this.matcher.pollers.wait(request, waitMs);
    // It may wait because of a limit.
    this.matcher.match();
    return reply;
  }

  /** Nothing waits in this partition: in another one it may. */
  async #waitAtRoot(forwarder: Forwarder, request: PollTaskRequest, waitMs: number): Promise<PollTaskReply> {
    const { clock } = this.#deps;
    const endMs = clock.now() + waitMs;
    forwarder.attend();
    this.matcher.match();
    for (let restMs = waitMs; restMs > 0 && !this.#isClosed; restMs = endMs - clock.now()) {
      if (forwarder.mayTakePoll) {
        const reply = (await forwarder.poll(request, restMs)) ?? this.matcher.serveNow();
        if (reply !== undefined) return reply;
      } else {
        const reply = await this.matcher.pollers.wait(request, restMs);
        if (reply !== ROOM_AT_ROOT) return reply;
      }
    }
    return EMPTY_POLL;
  }
}
