import type { LevelRates } from './queue-stats.ts';
import { RateLimit } from './rate-limit.ts';

/** A poller that waited this long for a task was not needed. */
const IDLE_WAIT_MS = 1_000;
/** Each poller is told something so often at most. */
const DECISIONS_PER_SECOND = 10;
/** Tasks that wait longer than this want more pollers. */
const BACKLOG_AGE_MS = 200;
/** So do tasks that come that much faster than they go. */
const ADD_TO_DISPATCH = 1.2;

/** What is known when a poll gets something. */
export interface ScalingFacts {
  readonly nowMs: number;
  readonly waitedMs: number;
  /** What it gets was in the store. */
  readonly isFromBacklog: boolean;
  readonly pollers: number;
  readonly isRateLimited: boolean;
  /** How long the oldest task of the backlog has waited; undefined when there is none. */
  readonly backlogAgeMs: () => number | undefined;
  readonly rates: () => LevelRates;
  /** Whether the rates are those of the whole queue. */
  readonly isRoot: boolean;
}

/** Tells workers that adjust the number of their pollers whether one more or one less would do. @see spec-matching 8 */
export class PollerScaling {
  readonly #decisions = new RateLimit(DECISIONS_PER_SECOND);

  /** +1, -1, or 0 when there is nothing to say. */
  decide(facts: ScalingFacts): number {
    if (facts.waitedMs >= IDLE_WAIT_MS && !facts.isFromBacklog) return -1;
    this.#decisions.set(DECISIONS_PER_SECOND * Math.max(facts.pollers, 1), facts.nowMs);
    if (this.#decisions.waitMs(facts.nowMs) > 0) return 0;
    this.#decisions.take(facts.nowMs);
    if (facts.isRateLimited) return 0;
    if ((facts.backlogAgeMs() ?? 0) > BACKLOG_AGE_MS) return 1;
    if (!facts.isRoot) return 0;
    const { tasksAddRate, tasksDispatchRate } = facts.rates();
    return tasksAddRate > 0 && tasksAddRate / tasksDispatchRate > ADD_TO_DISPATCH ? 1 : 0;
  }
}
