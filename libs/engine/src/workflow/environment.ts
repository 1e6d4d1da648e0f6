import type { HistoryEvent } from './events.ts';
import type { Limits } from './limits.ts';

/** Everything a transition may depend on beside state and command. No clock, no chance, no I/O. */
export interface Environment {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly limits: Limits;
  /** A fresh UUID for each run a transition may have to begin. */
  readonly newRunId: string;
  /** In [0, 1): for jitter. */
  readonly chance: number;
  /** Event 1 of the run; given when a transition asked for it (outcome `needsStartedEvent`). */
  readonly startedEvent?: HistoryEvent;
}
