/** Milliseconds since the Unix epoch. */
export type TimestampMs = number;

export interface Timer {
  /** Cancelling twice, or after it fired, does nothing. */
  cancel(): void;
}

export interface ScheduleOptions {
  /** The process does not end before the timer has run or was cancelled. */
  readonly keepsAlive: boolean;
}

/** Time as a dependency: the system's in production, virtual in simulation. */
export interface Clock {
  now(): TimestampMs;
  /** Monotonic, for measuring durations only. */
  monotonicMs(): number;
  /** Calls `run` once, not before `delayMs` have passed. Does not keep the process alive by itself, unless asked to. */
  schedule(delayMs: number, run: () => void, options?: ScheduleOptions): Timer;
  /** Calls `run` after the I/O that is ready now has been handled: where commits gather. */
  defer(run: () => void): void;
  /** Rejects with the signal's reason when aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}
