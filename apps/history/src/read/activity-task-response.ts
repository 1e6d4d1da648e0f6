import { attributesOf, type StartedActivityTask, toTimestamp } from '@duramesh/engine';
import type { ExecutionStore } from '@duramesh/persistence';
import { ActivityTaskToken, type NamespaceRef, type Plain, publicCodec, type temporal } from '@duramesh/proto';
import type { CachedRun } from '../shard/run-cache.ts';
import { readEvent } from './history-reader.ts';

export type ActivityPollResponse = Plain<temporal.api.workflowservice.v1.IPollActivityTaskQueueResponse>;
export const activityPollResponse = publicCodec<ActivityPollResponse>(
  'temporal.api.workflowservice.v1.PollActivityTaskQueueResponse',
);

/** The poll answer for an activity attempt that was just started. @see spec-history 5.2 */
export async function activityTaskResponse(
  store: ExecutionStore,
  answer: { readonly namespace: NamespaceRef; readonly run: CachedRun; readonly task: StartedActivityTask },
): Promise<ActivityPollResponse> {
  const { namespace, run, task } = answer;
  const at = { batchEventId: task.scheduledBatchEventId, eventId: task.scheduledEventId };
  const scheduled = attributesOf('ActivityTaskScheduled', await readEvent(store, run, at));
  const { namespaceId, workflowId, runId } = run.key;
  return {
    taskToken: ActivityTaskToken.encode({
      namespaceId,
      workflowId,
      runId,
      scheduledEventId: task.scheduledEventId,
      activityId: task.activityId,
      activityType: task.activityType,
      attempt: task.attempt,
      startVersion: task.startVersion,
      traceparent: run.state.info.traceparent,
    }),
    workflowNamespace: namespace.name,
    workflowType: { name: task.workflowType },
    workflowExecution: { workflowId, runId },
    activityType: { name: task.activityType },
    activityId: task.activityId,
    header: scheduled.header,
    input: scheduled.input,
    heartbeatDetails: task.heartbeatDetails,
    scheduledTime: toTimestamp(task.firstScheduledMs),
    currentAttemptScheduledTime: toTimestamp(task.scheduledMs),
    startedTime: toTimestamp(task.startedMs),
    attempt: task.attempt,
    // As it was scheduled, also when an operator has changed them since.
    scheduleToCloseTimeout: scheduled.scheduleToCloseTimeout,
    startToCloseTimeout: scheduled.startToCloseTimeout,
    heartbeatTimeout: scheduled.heartbeatTimeout,
    retryPolicy: task.retryPolicy,
    priority: task.priority,
  };
}
