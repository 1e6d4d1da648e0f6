import type { ExecutionInfo } from '@duramesh/proto';
import type { Memo, SearchAttributes } from './properties.ts';

/** What lists show of a run; fields as the visibility stores name them. */
export interface VisibilityFacts {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly status: number;
  readonly startTimeMs: number;
  readonly executionTimeMs: number;
  readonly closeTimeMs: number | undefined;
  readonly historyLength: number;
  readonly historySizeBytes: number;
  readonly stateTransitionCount: number;
  readonly parentWorkflowId: string;
  readonly parentRunId: string;
  readonly rootWorkflowId: string;
  readonly rootRunId: string;
  readonly memo: Memo | undefined;
  readonly searchAttributes: SearchAttributes | undefined;
}

export function visibilityFacts(info: ExecutionInfo): VisibilityFacts {
  const { namespaceId, workflowId, runId, workflowType, taskQueue, status, startTimeMs, executionTimeMs } = info;
  const { historySizeBytes, stateTransitionCount, memo, searchAttributes } = info;
  return {
    namespaceId,
    workflowId,
    runId,
    workflowType,
    taskQueue,
    status,
    startTimeMs,
    executionTimeMs,
    closeTimeMs: info.closeTimeMs > 0 ? info.closeTimeMs : undefined,
    historyLength: info.nextEventId - 1,
    historySizeBytes,
    stateTransitionCount,
    parentWorkflowId: info.parent?.workflowId ?? '',
    parentRunId: info.parent?.runId ?? '',
    // A run without a parent is its own root.
    rootWorkflowId: info.rootWorkflowId === '' ? workflowId : info.rootWorkflowId,
    rootRunId: info.rootRunId === '' ? runId : info.rootRunId,
    memo,
    searchAttributes,
  };
}
