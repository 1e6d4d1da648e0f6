import type { HistoryEvent } from './events.ts';
import type { Limits } from './limits.ts';
import type { SearchAttributesCheck } from './search-attributes.ts';
import type { WorkflowRules } from './workflow-rules.ts';

/** Everything a transition may depend on beside state and command. No clock, no chance, no I/O. */
export interface Environment {
  /** Milliseconds since the Unix epoch, by the real clock: a run may have skipped time since. */
  readonly now: number;
  readonly limits: Limits;
  /** A fresh UUID for each run a transition may have to begin. */
  readonly newRunId: string;
  /** A fresh UUID for the request that starts such a run; the run's own id when there is none. */
  readonly newRequestId?: string;
  /** How long closed runs of the namespace are kept. */
  readonly retentionMs?: number;
  /** What the namespace says of search attributes that a worker sets; without it all are taken as they are. */
  readonly checkSearchAttributes?: SearchAttributesCheck;
  /** What pauses activities by itself; absent where the namespace is not known, or has no rules. */
  readonly workflowRules?: WorkflowRules;
  /** W3C trace context in which a run that is started now is to be seen. */
  readonly traceparent?: string;
  /** In [0, 1): for jitter. */
  readonly chance: number;
  /** Event 1 of the run; given when a transition asked for it (outcome `needsStartedEvent`). */
  readonly startedEvent?: HistoryEvent;
}
