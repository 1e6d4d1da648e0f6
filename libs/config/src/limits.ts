import { duration, integer, nothing, onOrOff, type Parser, size } from './parsers.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

export interface LimitSpec {
  /** The name operators know it by. */
  readonly key: string;
  /** A switch is 1 when it is on. */
  readonly unit: 'count' | 'bytes' | 'ms' | 'switch';
  readonly initial: number;
}

const count = (key: string, initial: number): LimitSpec => ({ key, unit: 'count', initial });
const bytes = (key: string, initial: number): LimitSpec => ({ key, unit: 'bytes', initial });
const toggle = (key: string, isOn: boolean): LimitSpec => ({ key, unit: 'switch', initial: isOn ? 1 : 0 });
const time = (key: string, initial: number): LimitSpec => ({ key, unit: 'ms', initial });

/** Every bound an operator can move. The composition root hands each service those it enforces. */
export const limitSpecs = {
  idBytes: bytes('limit.maxIDLength', 1000),
  buildIdBytes: bytes('limit.workerBuildIdSize', 255),
  blobBytes: bytes('limit.blobSize.error', 2 * MIB),
  blobWarnBytes: bytes('limit.blobSize.warn', 512 * KIB),
  memoBytes: bytes('limit.memoSize.error', 2 * MIB),
  historyBytes: bytes('limit.historySize.error', 50 * MIB),
  historyWarnBytes: bytes('limit.historySize.warn', 10 * MIB),
  historyCount: count('limit.historyCount.error', 51_200),
  historyWarnCount: count('limit.historyCount.warn', 10_240),
  suggestContinueAsNewBytes: bytes('limit.historySize.suggestContinueAsNew', 4 * MIB),
  suggestContinueAsNewCount: count('limit.historyCount.suggestContinueAsNew', 4096),
  stateBytes: bytes('limit.mutableStateSize.error', 8 * MIB),
  transactionBytes: bytes('system.transactionSizeLimit', 4 * MIB),
  activityFailureBytes: bytes('limit.mutableStateActivityFailureSize.error', 4 * KIB),
  activityFailureCutBytes: bytes('limit.mutableStateActivityFailureSize.warn', 2 * KIB),
  pendingActivities: count('limit.numPendingActivities.error', 2000),
  pendingChildren: count('limit.numPendingChildExecutions.error', 2000),
  pendingExternalSignals: count('limit.numPendingSignals.error', 2000),
  pendingExternalCancels: count('limit.numPendingCancelRequests.error', 2000),
  signals: count('history.maximumSignalsPerExecution', 10_000),
  bufferedEvents: count('history.maximumBufferedEventsBatch', 100),
  bufferedEventsBytes: bytes('history.maximumBufferedEventsSizeInBytes', 2 * MIB),
  workflowTaskTimeoutMs: time('history.defaultWorkflowTaskTimeout', 10 * SECOND),
  workflowTaskHeartbeatMs: time('history.workflowTaskHeartbeatTimeout', 30 * MINUTE),
  autoResetPoints: count('history.historyMaxAutoResetPoints', 20),
  historyPageSize: count('frontend.historyMaxPageSize', 256),
  visibilityPageSize: count('frontend.visibilityMaxPageSize', 1000),
  searchAttributeKeys: count('frontend.searchAttributesNumberOfKeysLimit', 100),
  searchAttributeValueBytes: bytes('frontend.searchAttributesSizeOfValueLimit', 2 * KIB),
  searchAttributesBytes: bytes('frontend.searchAttributesTotalSizeLimit', 40 * KIB),
  boolAttributes: count('visibility.customSearchAttributes.Bool', 3),
  datetimeAttributes: count('visibility.customSearchAttributes.Datetime', 3),
  doubleAttributes: count('visibility.customSearchAttributes.Double', 3),
  intAttributes: count('visibility.customSearchAttributes.Int', 3),
  keywordAttributes: count('visibility.customSearchAttributes.Keyword', 10),
  keywordListAttributes: count('visibility.customSearchAttributes.KeywordList', 3),
  textAttributes: count('visibility.customSearchAttributes.Text', 3),
  skipsPerSession: count('frontend.WorkflowTimeSkippingMaxSkipPerSession', 200),
  badBinaries: count('frontend.maxBadBinaries', 10),
  linksPerRequest: count('frontend.maxlinksPerRequest', 10),
  linkBytes: bytes('frontend.linkMaxSize', 4000),
  callbacksPerExecution: count('callback.maxPerExecution', 2000),
  callbackUrlBytes: bytes('frontend.callbackURLMaxLength', 1000),
  callbackHeaderBytes: bytes('frontend.callbackHeaderMaxLength', 8 * KIB),
  errorMessageBytes: bytes('system.maxServiceErrorMessageLength', 4000),
  minRetentionMs: time('system.namespaceMinRetentionLocal', 60 * MINUTE),
  pollExpirationMs: time('matching.longPollExpirationInterval', MINUTE),
  pollsPerNamespace: count('frontend.namespaceCount', 1200),
  reachabilityBuildIds: count('limit.reachabilityQueryBuildIds', 5),
  fairnessWeights: count('matching.maxFairnessKeyWeightOverrides', 1000),
  historyWaitMs: time('history.longPollExpirationInterval', 20 * SECOND),
  outstandingAppends: count('matching.outstandingTaskAppendsThreshold', 250),
  loadedTasks: count('matching.getTasksBatchSize', 1000),
  dispatchPerSecond: count('admin.matchingNamespaceTaskqueueToPartitionDispatchRate', 100_000),
  limitedKeys: count('matching.fairnessKeyRateLimitCacheSize', 2000),
  retentionSweepMs: time('worker.retentionSweepInterval', 10 * MINUTE),
  matchingIdleMs: time('matching.maxTaskQueueIdleTime', 5 * MINUTE),
  workflowPause: toggle('frontend.workflowPauseEnabled', true),
  workflowRules: toggle('frontend.workflowRulesAPIsEnabled', true),
  rulesPerNamespace: count('frontend.maxWorkflowRulesPerNamespace', 10),
  cachedRuns: count('history.hostLevelCacheMaxSize', 20_000),
} as const satisfies Readonly<Record<string, LimitSpec>>;

export type LimitName = keyof typeof limitSpecs;
export type Limits = Readonly<Record<LimitName, number>>;

const namesByKey: ReadonlyMap<string, LimitName> = new Map(
  (Object.keys(limitSpecs) as LimitName[]).map((name) => [limitSpecs[name].key.toLowerCase(), name]),
);

const parsers: Readonly<Record<LimitSpec['unit'], Parser<number>>> = {
  count: integer(0, 1_000_000_000),
  bytes: size,
  switch: onOrOff,
  ms: duration(0, 'a duration such as 500ms, 10s or 24h'),
};

/** Reads the value of one limit by its key, whatever the case of the key. */
export function limitParser(key: string): Parser<number> {
  const name = namesByKey.get(key.toLowerCase());
  if (name !== undefined) return parsers[limitSpecs[name].unit];
  return nothing('no value, because there is no such limit (see "duramesh limits")');
}

/** The defaults with what was set in their place. */
export function resolveLimits(overrides: Iterable<readonly [string, number]>): Limits {
  const values = Object.fromEntries(Object.entries(limitSpecs).map(([name, { initial }]) => [name, initial])) as Limits;
  const changed: Partial<Record<LimitName, number>> = {};
  for (const [key, value] of overrides) {
    const name = namesByKey.get(key.toLowerCase());
    if (name !== undefined) changed[name] = value;
  }
  return { ...values, ...changed };
}
