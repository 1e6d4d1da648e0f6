import type { TimestampMs } from '@duramesh/runtime';

/** What is known about a call beside its request. */
export interface CallMeta {
  /** When the caller gives up; Infinity when it named no deadline. */
  readonly deadlineMs: TimestampMs;
  /** Aborts when the caller is gone, be it by cancelling, by its deadline or by a broken connection. */
  readonly signal: AbortSignal;
  /** A request header by its lower-case name; empty when absent. */
  header(name: string): string;
}
