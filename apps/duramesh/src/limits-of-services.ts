import type { Limits } from '@duramesh/config';
import type { Limits as EngineLimits } from '@duramesh/engine';
import type { FrontendLimits } from '@duramesh/frontend';
import type { MatchingLimits } from '@duramesh/matching';

/** What the frontend enforces. */
export function frontendLimits(limits: Limits): Partial<FrontendLimits> {
  return {
    idBytes: limits.idBytes,
    buildIdBytes: limits.buildIdBytes,
    blobBytes: limits.blobBytes,
    blobWarnBytes: limits.blobWarnBytes,
    memoBytes: limits.memoBytes,
    linksPerRequest: limits.linksPerRequest,
    linkBytes: limits.linkBytes,
    callbacksPerExecution: limits.callbacksPerExecution,
    callbackUrlBytes: limits.callbackUrlBytes,
    callbackHeaderBytes: limits.callbackHeaderBytes,
    searchAttributeKeys: limits.searchAttributeKeys,
    searchAttributeValueBytes: limits.searchAttributeValueBytes,
    searchAttributesBytes: limits.searchAttributesBytes,
    customSearchAttributes: {
      Bool: limits.boolAttributes,
      Datetime: limits.datetimeAttributes,
      Double: limits.doubleAttributes,
      Int: limits.intAttributes,
      Keyword: limits.keywordAttributes,
      KeywordList: limits.keywordListAttributes,
      Text: limits.textAttributes,
    },
    skipsPerSession: limits.skipsPerSession,
    badBinaries: limits.badBinaries,
    workflowPause: limits.workflowPause === 1,
    workflowRules: limits.workflowRules === 1,
    rulesPerNamespace: limits.rulesPerNamespace,
    minRetentionMs: limits.minRetentionMs,
    historyPageSize: limits.historyPageSize,
    visibilityPageSize: limits.visibilityPageSize,
    pollExpirationMs: limits.pollExpirationMs,
    historyWaitMs: limits.historyWaitMs,
    pollsPerNamespace: limits.pollsPerNamespace,
    reachabilityBuildIds: limits.reachabilityBuildIds,
    fairnessWeights: limits.fairnessWeights,
    errorMessageBytes: limits.errorMessageBytes,
  };
}

/** What the engine enforces inside history. */
export function engineLimits(limits: Limits): Partial<EngineLimits> {
  return {
    idLength: limits.idBytes,
    blobSizeBytes: limits.blobBytes,
    blobWarnSizeBytes: limits.blobWarnBytes,
    memoSizeBytes: limits.memoBytes,
    searchAttributesSizeBytes: limits.searchAttributesBytes,
    historySizeBytes: limits.historyBytes,
    historyWarnSizeBytes: limits.historyWarnBytes,
    historyCount: limits.historyCount,
    historyWarnCount: limits.historyWarnCount,
    stateSizeBytes: limits.stateBytes,
    transactionSizeBytes: limits.transactionBytes,
    activityFailureSizeBytes: limits.activityFailureBytes,
    activityFailureCutBytes: limits.activityFailureCutBytes,
    suggestContinueAsNewSizeBytes: limits.suggestContinueAsNewBytes,
    suggestContinueAsNewCount: limits.suggestContinueAsNewCount,
    pendingActivities: limits.pendingActivities,
    pendingChildren: limits.pendingChildren,
    pendingExternalSignals: limits.pendingExternalSignals,
    pendingExternalCancels: limits.pendingExternalCancels,
    signals: limits.signals,
    bufferedEvents: limits.bufferedEvents,
    bufferedSizeBytes: limits.bufferedEventsBytes,
    workflowTaskTimeoutMs: limits.workflowTaskTimeoutMs,
    workflowTaskHeartbeatMs: limits.workflowTaskHeartbeatMs,
    autoResetPoints: limits.autoResetPoints,
    callbacks: limits.callbacksPerExecution,
  };
}

export function matchingLimits(limits: Limits): Partial<MatchingLimits> {
  return {
    outstandingAppends: limits.outstandingAppends,
    loadedTasks: limits.loadedTasks,
    idleMs: limits.matchingIdleMs,
    dispatchPerSecond: limits.dispatchPerSecond,
    limitedKeys: limits.limitedKeys,
    weightOverrides: limits.fairnessWeights,
  };
}
