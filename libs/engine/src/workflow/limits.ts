/** Limits of one run. @see spec-history 12 */
export interface Limits {
  readonly blobSizeBytes: number;
  readonly memoSizeBytes: number;
  readonly searchAttributesSizeBytes: number;
  readonly historySizeBytes: number;
  readonly historyCount: number;
  readonly suggestContinueAsNewSizeBytes: number;
  readonly suggestContinueAsNewCount: number;
  readonly pendingActivities: number;
  readonly signals: number;
  readonly bufferedEvents: number;
  readonly bufferedSizeBytes: number;
  readonly workflowTaskTimeoutMs: number;
  readonly workflowTaskTimeoutMaximumMs: number;
  readonly workflowTaskHeartbeatMs: number;
  readonly idLength: number;
  readonly autoResetPoints: number;
}

export const DEFAULT_LIMITS: Limits = {
  blobSizeBytes: 2 * 1024 * 1024,
  memoSizeBytes: 2 * 1024 * 1024,
  searchAttributesSizeBytes: 40 * 1024,
  historySizeBytes: 50 * 1024 * 1024,
  historyCount: 51_200,
  suggestContinueAsNewSizeBytes: 4 * 1024 * 1024,
  suggestContinueAsNewCount: 4_096,
  pendingActivities: 2_000,
  signals: 10_000,
  bufferedEvents: 100,
  bufferedSizeBytes: 2 * 1024 * 1024,
  workflowTaskTimeoutMs: 10_000,
  workflowTaskTimeoutMaximumMs: 120_000,
  workflowTaskHeartbeatMs: 30 * 60_000,
  idLength: 1_000,
  autoResetPoints: 20,
};
