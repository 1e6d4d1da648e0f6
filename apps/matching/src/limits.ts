/** Bounds of one task-queue partition. */
export interface MatchingLimits {
  /** Tasks that may be on their way to the store at once. */
  readonly outstandingAppends: number;
  /** Calls one slot may serve at once, waiting ones included. */
  readonly slotInbox: number;
  readonly waitingPolls: number;
  readonly waitingQueries: number;
  /** Tasks of one priority in memory beyond which new ones are left in the store. */
  readonly loadedTasks: number;
  /** How long an unstored task waits for a busy poller to come back before it is stored. */
  readonly holdMs: number;
  readonly heldTasks: number;
  /** How long a poller's frontend may take to say what became of an offer. Below the first try of an add call. */
  readonly offerMs: number;
  /** Tasks that one partition gives away in a second at most. */
  readonly dispatchPerSecond: number;
  /** Fairness keys of one priority whose turn is remembered; the store remembers the others. */
  readonly fairnessKeys: number;
  /** Fairness keys whose own rate limit is remembered. */
  readonly limitedKeys: number;
  /** Weights of fairness keys that one queue may have. */
  readonly weightOverrides: number;
  /** Versions of workers that one queue may have. */
  readonly versions: number;
  /** A queue that nobody used for this long is dropped from memory. */
  readonly idleMs: number;
}

export const defaultLimits: MatchingLimits = {
  outstandingAppends: 250,
  slotInbox: 20_000,
  waitingPolls: 10_000,
  waitingQueries: 1_000,
  loadedTasks: 1_000,
  holdMs: 200,
  heldTasks: 100,
  offerMs: 1_500,
  dispatchPerSecond: 100_000,
  fairnessKeys: 10_000,
  limitedKeys: 2_000,
  weightOverrides: 1_000,
  versions: 200,
  idleMs: 300_000,
};
