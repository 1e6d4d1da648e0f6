import { type ExecutionInfo, RunState } from '@duramesh/proto';
import { registerCallbacks } from '../callbacks.ts';
import type { Draft } from '../draft.ts';
import { type Attributes, fromDuration, fromTimestamp, type HistoryEvent } from '../events.ts';
import type { EventFamily } from '../evolve.ts';
import { mergeMemo, mergeSearchAttributes } from '../properties.ts';
import { rememberRequestId } from '../request-ids.ts';
import { startVersioning } from '../run-versioning.ts';
import { startTimeSkipping } from './time-skipping.ts';

type Names =
  | 'WorkflowExecutionStarted'
  | 'WorkflowExecutionCompleted'
  | 'WorkflowExecutionFailed'
  | 'WorkflowExecutionTimedOut'
  | 'WorkflowExecutionCanceled'
  | 'WorkflowExecutionTerminated'
  | 'WorkflowExecutionContinuedAsNew'
  | 'WorkflowExecutionCancelRequested'
  | 'WorkflowExecutionSignaled';

interface Successor {
  readonly newExecutionRunId?: string | undefined;
}

/**
 * Ends the run: whatever still waited in the buffer is dropped. Pending things stay as they were, for those who look at
 * the run later; a workflow task may be among them as long as no worker had taken it.
 */
const close =
  (status: number) =>
  (draft: Draft, { newExecutionRunId = '' }: Successor, event: HistoryEvent): void => {
    draft.info.state = RunState.RUN_STATE_COMPLETED;
    draft.info.status = status;
    draft.info.closeTimeMs = fromTimestamp(event.eventTime);
    draft.info.closeEventId = event.eventId ?? 0;
    draft.info.newExecutionRunId = newExecutionRunId;
    draft.info.sticky = undefined;
    draft.info.backoffUntilMs = 0;
    draft.dropBuffer();
    draft.visibilityChanged = true;
  };

/** A run has its own time from when it may begin, and not more than what is left for the whole execution. */
export function runExpirationMs(
  { runTimeoutMs, executionExpirationMs }: Pick<ExecutionInfo, 'runTimeoutMs' | 'executionExpirationMs'>,
  beginsMs: number,
): number {
  const ownMs = runTimeoutMs > 0 ? beginsMs + runTimeoutMs : 0;
  return executionExpirationMs > 0 && (ownMs === 0 || ownMs > executionExpirationMs) ? executionExpirationMs : ownMs;
}

function setTimeouts(draft: Draft, attributes: Attributes<'WorkflowExecutionStarted'>, event: HistoryEvent): void {
  const { info } = draft;
  const startMs = fromTimestamp(event.eventTime);
  const backoffMs = fromDuration(attributes.firstWorkflowTaskBackoff);
  info.startTimeMs = startMs;
  info.executionTimeMs = startMs + backoffMs;
  info.backoffUntilMs = backoffMs > 0 ? startMs + backoffMs : 0;
  info.executionTimeoutMs = fromDuration(attributes.workflowExecutionTimeout);
  info.runTimeoutMs = fromDuration(attributes.workflowRunTimeout);
  info.workflowTaskTimeoutMs = fromDuration(attributes.workflowTaskTimeout);
  info.executionExpirationMs = fromTimestamp(attributes.workflowExecutionExpirationTime);
  info.runExpirationMs = runExpirationMs(info, startMs + backoffMs);
}

function startRun(draft: Draft, attributes: Attributes<'WorkflowExecutionStarted'>, event: HistoryEvent): void {
  const { info } = draft;
  info.state = RunState.RUN_STATE_CREATED;
  info.status = 1;
  info.workflowType = attributes.workflowType?.name ?? '';
  info.taskQueue = attributes.taskQueue?.name ?? '';
  info.firstExecutionRunId = attributes.firstExecutionRunId ?? '';
  info.originalExecutionRunId = attributes.originalExecutionRunId ?? '';
  info.continuedExecutionRunId = attributes.continuedExecutionRunId ?? '';
  info.attempt = attributes.attempt ?? 1;
  info.retryPolicy = attributes.retryPolicy;
  info.cronSchedule = attributes.cronSchedule ?? '';
  info.priority = attributes.priority;
  info.memo = mergeMemo(undefined, attributes.memo);
  info.searchAttributes = mergeSearchAttributes(undefined, attributes.searchAttributes);
  info.autoResetPoints = attributes.prevAutoResetPoints;
  info.versioningOverride = attributes.versioningOverride;
  info.versioningKnown = attributes.versioningOverride !== undefined;
  info.userMetadata = event.userMetadata;
  info.startCarriesOn = (event.links?.length ?? 0) > 0;
  info.rootWorkflowId = attributes.rootWorkflowExecution?.workflowId ?? '';
  info.rootRunId = attributes.rootWorkflowExecution?.runId ?? '';
  const parent = attributes.parentWorkflowExecution;
  if (parent) {
    info.parent = {
      namespaceId: attributes.parentWorkflowNamespaceId ?? '',
      namespace: attributes.parentWorkflowNamespace ?? '',
      workflowId: parent.workflowId ?? '',
      runId: parent.runId ?? '',
      initiatedEventId: attributes.parentInitiatedEventId ?? 0,
    };
  }
  draft.visibilityChanged = true;
}

/** Start, end and the requests from outside that a run is told of. */
export const workflowExecutionEvents: EventFamily<Names> = {
  WorkflowExecutionStarted: {
    numbered(draft, attributes, event) {
      startRun(draft, attributes, event);
      startVersioning(draft, attributes);
      setTimeouts(draft, attributes, event);
      startTimeSkipping(draft, attributes, event);
      registerCallbacks(draft, attributes.completionCallbacks, event);
    },
  },
  WorkflowExecutionCompleted: { numbered: close(2) },
  WorkflowExecutionFailed: { numbered: close(3) },
  WorkflowExecutionCanceled: { numbered: (draft, _attributes, event) => close(4)(draft, {}, event) },
  WorkflowExecutionTerminated: { numbered: (draft, _attributes, event) => close(5)(draft, {}, event) },
  WorkflowExecutionContinuedAsNew: { numbered: close(6) },
  WorkflowExecutionTimedOut: { numbered: close(7) },
  WorkflowExecutionCancelRequested: {
    apply(draft) {
      draft.info.cancelRequested = true;
    },
  },
  WorkflowExecutionSignaled: {
    apply(draft, { requestId = '' }, event) {
      draft.info.signalCount += 1;
      rememberRequestId(draft, requestId, event);
    },
    numbered(draft, { requestId = '' }, event) {
      rememberRequestId(draft, requestId, event);
    },
  },
};
