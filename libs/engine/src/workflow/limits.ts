/** Limits of one run; 0 means none where things are counted that are pending or were signaled. @see spec-history 12 */
export interface Limits {
  readonly blobSizeBytes: number;
  /** What is kept of a failure that is too large. */
  readonly blobWarnSizeBytes: number;
  readonly memoSizeBytes: number;
  readonly searchAttributesSizeBytes: number;
  readonly historySizeBytes: number;
  readonly historyWarnSizeBytes: number;
  readonly historyCount: number;
  readonly historyWarnCount: number;
  /** Of everything but the history: what is pending, memo, search attributes, events that wait. */
  readonly stateSizeBytes: number;
  /** Of the events that one transition appends together. */
  readonly transactionSizeBytes: number;
  /** Of the failure of one attempt that is kept for the next, and what is kept of a larger one. */
  readonly activityFailureSizeBytes: number;
  readonly activityFailureCutBytes: number;
  readonly suggestContinueAsNewSizeBytes: number;
  readonly suggestContinueAsNewCount: number;
  readonly pendingActivities: number;
  readonly pendingChildren: number;
  readonly pendingExternalSignals: number;
  readonly pendingExternalCancels: number;
  readonly signals: number;
  /** Updates without an outcome. */
  readonly updatesInFlight: number;
  /** Of what such updates ask, as long as the workflow has not taken it. */
  readonly updatesInFlightSizeBytes: number;
  readonly updates: number;
  /** Updates from which on a workflow should continue as new. */
  readonly suggestContinueAsNewUpdates: number;
  readonly bufferedEvents: number;
  readonly bufferedSizeBytes: number;
  readonly workflowTaskTimeoutMs: number;
  readonly workflowTaskTimeoutMaximumMs: number;
  readonly workflowTaskHeartbeatMs: number;
  /** Events since its last task up to which a worker goes back to it, if it can. */
  readonly discardedEvents: number;
  /** How long a workflow task that is made for updates only waits for a worker of the normal queue. */
  readonly speculativeScheduleToStartMs: number;
  readonly idLength: number;
  readonly autoResetPoints: number;
  /** Completion callbacks of one run. */
  readonly callbacks: number;
}

export const DEFAULT_LIMITS: Limits = {
  blobSizeBytes: 2 * 1024 * 1024,
  blobWarnSizeBytes: 512 * 1024,
  memoSizeBytes: 2 * 1024 * 1024,
  searchAttributesSizeBytes: 40 * 1024,
  historySizeBytes: 50 * 1024 * 1024,
  historyWarnSizeBytes: 10 * 1024 * 1024,
  historyCount: 51_200,
  historyWarnCount: 10_240,
  stateSizeBytes: 8 * 1024 * 1024,
  transactionSizeBytes: 4 * 1024 * 1024,
  activityFailureSizeBytes: 4 * 1024,
  activityFailureCutBytes: 2 * 1024,
  suggestContinueAsNewSizeBytes: 4 * 1024 * 1024,
  suggestContinueAsNewCount: 4_096,
  pendingActivities: 2_000,
  pendingChildren: 2_000,
  pendingExternalSignals: 2_000,
  pendingExternalCancels: 2_000,
  signals: 10_000,
  updatesInFlight: 10,
  updatesInFlightSizeBytes: 20 * 1024 * 1024,
  updates: 2_000,
  suggestContinueAsNewUpdates: 1_800,
  bufferedEvents: 100,
  bufferedSizeBytes: 2 * 1024 * 1024,
  workflowTaskTimeoutMs: 10_000,
  workflowTaskTimeoutMaximumMs: 120_000,
  workflowTaskHeartbeatMs: 30 * 60_000,
  discardedEvents: 10,
  speculativeScheduleToStartMs: 5_000,
  idLength: 1_000,
  autoResetPoints: 20,
  callbacks: 2_000,
};
