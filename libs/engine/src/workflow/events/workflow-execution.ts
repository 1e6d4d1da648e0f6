import { RunState } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import type { EventFamily } from '../evolve.ts';
import { EVENT_TYPES, fromDuration, fromTimestamp, type HistoryEvent } from '../events.ts';
import { mergeMemo, mergeSearchAttributes } from '../properties.ts';

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

/** Ends the run: whatever still waited in the buffer is dropped, pending things stay as they were. */
const close =
  (status: number) =>
  (draft: Draft, attributes: object, event: HistoryEvent): void => {
    draft.info.state = RunState.RUN_STATE_COMPLETED;
    draft.info.status = status;
    draft.info.closeTimeMs = fromTimestamp(event.eventTime);
    draft.info.closeEventId = event.eventId ?? 0;
    draft.info.newExecutionRunId = 'newExecutionRunId' in attributes ? String(attributes.newExecutionRunId ?? '') : '';
    draft.info.workflowTask = undefined;
    draft.info.sticky = undefined;
    draft.info.backoffUntilMs = 0;
    draft.dropBuffer();
    draft.visibilityChanged = true;
  };

/** Start, end and the requests from outside that a run is told of. */
export const workflowExecutionEvents: EventFamily<Names> = {
  WorkflowExecutionStarted: {
    numbered(draft, attributes, event) {
      const { info } = draft;
      const startMs = fromTimestamp(event.eventTime);
      const backoffMs = fromDuration(attributes.firstWorkflowTaskBackoff);
      const runTimeoutMs = fromDuration(attributes.workflowRunTimeout);
      info.state = RunState.RUN_STATE_CREATED;
      info.status = 1;
      info.workflowType = attributes.workflowType?.name ?? '';
      info.taskQueue = attributes.taskQueue?.name ?? '';
      info.executionTimeoutMs = fromDuration(attributes.workflowExecutionTimeout);
      info.runTimeoutMs = runTimeoutMs;
      info.workflowTaskTimeoutMs = fromDuration(attributes.workflowTaskTimeout);
      info.startTimeMs = startMs;
      info.executionTimeMs = startMs + backoffMs;
      info.backoffUntilMs = backoffMs > 0 ? startMs + backoffMs : 0;
      info.executionExpirationMs = fromTimestamp(attributes.workflowExecutionExpirationTime);
      info.runExpirationMs = runTimeoutMs > 0 ? startMs + backoffMs + runTimeoutMs : 0;
      if (info.executionExpirationMs > 0 && (info.runExpirationMs === 0 || info.runExpirationMs > info.executionExpirationMs)) {
        info.runExpirationMs = info.executionExpirationMs;
      }
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
      info.userMetadata = event.userMetadata;
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
      info.rootWorkflowId = attributes.rootWorkflowExecution?.workflowId ?? '';
      info.rootRunId = attributes.rootWorkflowExecution?.runId ?? '';
      draft.visibilityChanged = true;
    },
  },
  WorkflowExecutionCompleted: { numbered: close(2) },
  WorkflowExecutionFailed: { numbered: close(3) },
  WorkflowExecutionCanceled: { numbered: close(4) },
  WorkflowExecutionTerminated: { numbered: close(5) },
  WorkflowExecutionContinuedAsNew: { numbered: close(6) },
  WorkflowExecutionTimedOut: { numbered: close(7) },
  WorkflowExecutionCancelRequested: {
    apply(draft) {
      draft.info.cancelRequested = true;
    },
  },
  WorkflowExecutionSignaled: {
    apply(draft, attributes) {
      draft.info.signalCount += 1;
      const requestId = attributes.requestId ?? '';
      if (requestId !== '') draft.signalRequestIds.set(requestId, true);
    },
    numbered(draft, attributes, event) {
      const requestId = attributes.requestId ?? '';
      if (requestId === '') return;
      const record = { eventType: EVENT_TYPES.WorkflowExecutionSignaled, eventId: event.eventId ?? 0 };
      draft.info.requestIds = { ...draft.info.requestIds, [requestId]: record };
    },
  },
};
