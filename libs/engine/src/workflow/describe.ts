import { type ChildInfo, type ExecutionInfo, type Plain, RunState, type temporal } from '@duramesh/proto';
import { describeCallbacks } from './callbacks.ts';
import { describeActivity } from './describe-activity.ts';
import { attributesOf, type HistoryEvent, toDuration, toTimestamp } from './events.ts';
import type { ExecutionState } from './state.ts';
import { describeTimeSkipping, skippedMs } from './time-skipping.ts';
import { describeVersioning } from './versioning-override.ts';

type Description = Plain<temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse>;
type RequestIdInfo = Plain<temporal.api.workflow.v1.IRequestIdInfo>;

const KIND_NORMAL = 1;
const TASK_STATES = { scheduled: 1, started: 2 } as const;
/** The year 1: how the reference shows a time that is not set. */
const ZERO_TIME = { seconds: -62_135_596_800, nanos: 0 };

const timeOf = (timeMs: number): ReturnType<typeof toTimestamp> | undefined =>
  timeMs > 0 ? toTimestamp(timeMs) : undefined;

/** A run as DescribeWorkflowExecution shows it. @see spec-history 10 */
export function describeExecution(
  state: ExecutionState,
  { startedEvent, now }: { readonly startedEvent: HistoryEvent; readonly now: number },
): Description {
  const { info } = state;
  const runNow = now + skippedMs(info);
  const started = attributesOf('WorkflowExecutionStarted', startedEvent);
  return {
    executionConfig: {
      taskQueue: { name: info.taskQueue, kind: KIND_NORMAL },
      workflowExecutionTimeout: started.workflowExecutionTimeout,
      workflowRunTimeout: started.workflowRunTimeout,
      defaultWorkflowTaskTimeout: toDuration(info.workflowTaskTimeoutMs),
      userMetadata: startedEvent.userMetadata,
    },
    workflowExecutionInfo: executionInfo(info),
    pendingActivities: [...state.activities.values()].map((activity) => describeActivity(activity, runNow)),
    pendingChildren: [...state.children.values()].map(pendingChild),
    pendingWorkflowTask: pendingWorkflowTask(info),
    callbacks: describeCallbacks(state),
    workflowExtendedInfo: {
      executionExpirationTime: timeOf(info.executionExpirationMs),
      runExpirationTime: timeOf(info.runExpirationMs) ?? ZERO_TIME,
      cancelRequested: info.cancelRequested,
      originalStartTime: startedEvent.eventTime,
      lastResetTime: info.baseRunIds.length === 0 ? undefined : toTimestamp(info.startTimeMs),
      resetRunId: info.resetRunId,
      requestIdInfos: requestIdInfos(state),
      timeSkippingInfo: describeTimeSkipping(info, runNow),
      pauseInfo: info.pause && {
        identity: info.pause.identity,
        pausedTime: toTimestamp(info.pause.pausedMs),
        reason: info.pause.reason,
      },
    },
  };
}

function executionInfo(info: ExecutionInfo): Description['workflowExecutionInfo'] {
  const { workflowId, runId, parent, closeTimeMs, executionTimeMs } = info;
  const isClosed = info.state === RunState.RUN_STATE_COMPLETED;
  return {
    execution: { workflowId, runId },
    type: { name: info.workflowType },
    startTime: toTimestamp(info.startTimeMs),
    closeTime: timeOf(closeTimeMs),
    status: info.status,
    historyLength: info.nextEventId - 1,
    parentNamespaceId: parent?.namespaceId,
    parentExecution: parent && { workflowId: parent.workflowId, runId: parent.runId },
    executionTime: toTimestamp(executionTimeMs),
    memo: info.memo ?? {},
    searchAttributes: info.searchAttributes ?? {},
    autoResetPoints: info.autoResetPoints ?? {},
    taskQueue: info.taskQueue,
    stateTransitionCount: info.stateTransitionCount,
    historySizeBytes: info.historySizeBytes,
    mostRecentWorkerVersionStamp: info.workerVersion,
    executionDuration: isClosed ? toDuration(Math.max(0, closeTimeMs - executionTimeMs)) : undefined,
    // A run without a parent is its own root.
    rootExecution:
      info.rootWorkflowId === '' ? { workflowId, runId } : { workflowId: info.rootWorkflowId, runId: info.rootRunId },
    firstRunId: info.firstExecutionRunId,
    priority: info.priority,
    workerDeploymentName: info.workerDeploymentName,
    versioningInfo: describeVersioning(info),
  };
}

type PendingChild = NonNullable<Description['pendingChildren']>[number];
const pendingChild = (child: ChildInfo): PendingChild => ({
  workflowId: child.workflowId,
  runId: child.runId,
  workflowTypeName: child.workflowType,
  initiatedId: child.initiatedEventId,
  parentClosePolicy: child.parentClosePolicy,
});

function pendingWorkflowTask({ workflowTask: task }: ExecutionInfo): Description['pendingWorkflowTask'] {
  if (!task) return undefined;
  const isStarted = task.startedEventId > 0;
  return {
    state: isStarted ? TASK_STATES.started : TASK_STATES.scheduled,
    scheduledTime: toTimestamp(task.scheduledMs),
    originalScheduledTime: toTimestamp(task.originalScheduledMs),
    startedTime: isStarted ? toTimestamp(task.startedMs) : undefined,
    attempt: task.attempt,
  };
}

function requestIdInfos({ requestIds }: ExecutionState): Record<string, RequestIdInfo> {
  const infos: Record<string, RequestIdInfo> = {};
  for (const [requestId, { eventType, eventId }] of requestIds) {
    infos[requestId] = { eventType, eventId, buffered: eventId === 0 };
  }
  return infos;
}
