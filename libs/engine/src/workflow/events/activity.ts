import type { EventFamily } from '../evolve.ts';
import type { Draft } from '../draft.ts';
import { fromDuration, fromTimestamp } from '../events.ts';
import { tellPauses } from '../pause.ts';

type Names =
  | 'ActivityTaskScheduled'
  | 'ActivityTaskStarted'
  | 'ActivityTaskCompleted'
  | 'ActivityTaskFailed'
  | 'ActivityTaskTimedOut'
  | 'ActivityTaskCancelRequested'
  | 'ActivityTaskCanceled';

interface Closing {
  readonly scheduledEventId?: number | undefined;
}
function close(draft: Draft, { scheduledEventId = 0 }: Closing): void {
  const wasPaused = draft.activities.get(scheduledEventId)?.pause !== undefined;
  draft.activities.delete(scheduledEventId);
  if (wasPaused) tellPauses(draft);
}

/**
 * Activities, keyed by scheduled event id. Attempts, starts and heartbeats are notes: history tells of an activity only
 * that it was scheduled, that its cancellation was asked for, and how it ended.
 */
export const activityEvents: EventFamily<Names> = {
  ActivityTaskScheduled: {
    numbered(draft, attributes, event) {
      const scheduledEventId = event.eventId ?? 0;
      const scheduledMs = fromTimestamp(event.eventTime);
      const scheduleToCloseTimeoutMs = fromDuration(attributes.scheduleToCloseTimeout);
      draft.activities.set(scheduledEventId, {
        scheduledEventId,
        activityId: attributes.activityId ?? '',
        activityType: attributes.activityType?.name ?? '',
        taskQueue: attributes.taskQueue?.name ?? '',
        attempt: 1,
        firstScheduledMs: scheduledMs,
        scheduledMs,
        startedMs: 0,
        requestId: '',
        identity: '',
        scheduleToCloseTimeoutMs,
        scheduleToStartTimeoutMs: fromDuration(attributes.scheduleToStartTimeout),
        startToCloseTimeoutMs: fromDuration(attributes.startToCloseTimeout),
        heartbeatTimeoutMs: fromDuration(attributes.heartbeatTimeout),
        expirationMs: scheduleToCloseTimeoutMs > 0 ? scheduledMs + scheduleToCloseTimeoutMs : 0,
        retryPolicy: attributes.retryPolicy,
        lastHeartbeatMs: 0,
        lastWorkerIdentity: '',
        lastAttemptCompleteMs: 0,
        cancelRequested: false,
        cancelRequestedEventId: 0,
        stamp: 0,
        reset: false,
        resetHeartbeat: false,
        inBackoff: false,
        startVersion: 0,
        priority: attributes.priority,
        useWorkflowBuildId: attributes.useWorkflowBuildId ?? false,
        scheduledBatchEventId: draft.batchFirstEventId,
      });
    },
  },
  // Written together with the event that closes the activity.
  ActivityTaskStarted: {},
  ActivityTaskCompleted: { apply: close },
  ActivityTaskFailed: { apply: close },
  ActivityTaskTimedOut: { apply: close },
  ActivityTaskCanceled: { apply: close },
  ActivityTaskCancelRequested: {
    numbered(draft, attributes, event) {
      const activity = draft.activities.get(attributes.scheduledEventId ?? 0);
      if (!activity) return;
      draft.activities.set(activity.scheduledEventId, {
        ...activity,
        cancelRequested: true,
        cancelRequestedEventId: event.eventId ?? 0,
      });
    },
  },
};
