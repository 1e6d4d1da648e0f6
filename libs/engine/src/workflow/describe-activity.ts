import type { ActivityInfo, Plain, temporal } from '@duramesh/proto';
import { toDuration, toTimestamp } from './events.ts';

type PendingActivity = Plain<temporal.api.workflow.v1.IPendingActivityInfo>;

/** @see temporal.api.enums.v1.PendingActivityState */
const STATES = { scheduled: 1, started: 2, cancelRequested: 3, paused: 4, pauseRequested: 5 } as const;

const timeOf = (timeMs: number): ReturnType<typeof toTimestamp> | undefined =>
  timeMs > 0 ? toTimestamp(timeMs) : undefined;

/** A pending activity as DescribeWorkflowExecution shows it. @see spec-history 10 */
export function describeActivity(activity: ActivityInfo, nowMs: number): PendingActivity {
  const { retryPolicy, priority, startedMs, scheduledMs, lastAttemptCompleteMs } = activity;
  const state = stateOf(activity);
  const waitsForRetry = state === STATES.scheduled && scheduledMs > nowMs;
  return {
    activityId: activity.activityId,
    activityType: { name: activity.activityType },
    state,
    heartbeatDetails: activity.heartbeatDetails,
    lastHeartbeatTime: timeOf(activity.lastHeartbeatMs),
    lastStartedTime: timeOf(startedMs),
    attempt: activity.attempt,
    maximumAttempts: retryPolicy?.maximumAttempts ?? 0,
    scheduledTime: timeOf(scheduledMs),
    expirationTime: timeOf(activity.expirationMs),
    lastFailure: activity.lastFailure,
    lastWorkerIdentity: startedMs > 0 ? activity.identity : activity.lastWorkerIdentity,
    lastAttemptCompleteTime: timeOf(lastAttemptCompleteMs),
    nextAttemptScheduleTime: waitsForRetry ? toTimestamp(scheduledMs) : undefined,
    currentRetryInterval: waitsForRetry ? toDuration(scheduledMs - lastAttemptCompleteMs) : undefined,
    paused: activity.pause !== undefined,
    pauseInfo: pauseInfo(activity.pause),
    priority,
    activityOptions: {
      taskQueue: { name: activity.taskQueue, normalName: activity.taskQueue },
      scheduleToCloseTimeout: toDuration(activity.scheduleToCloseTimeoutMs),
      scheduleToStartTimeout: toDuration(activity.scheduleToStartTimeoutMs),
      startToCloseTimeout: toDuration(activity.startToCloseTimeoutMs),
      heartbeatTimeout: toDuration(activity.heartbeatTimeoutMs),
      // Of the options only what can be changed is shown.
      retryPolicy: retryPolicy && { ...retryPolicy, nonRetryableErrorTypes: [] },
      priority,
    },
  };
}

function stateOf(activity: ActivityInfo): number {
  if (activity.cancelRequested) return STATES.cancelRequested;
  if (activity.pause) return activity.startedMs > 0 ? STATES.pauseRequested : STATES.paused;
  return activity.startedMs > 0 ? STATES.started : STATES.scheduled;
}

function pauseInfo(pause: ActivityInfo['pause']): PendingActivity['pauseInfo'] {
  if (!pause) return undefined;
  const { pausedMs, identity, reason, ruleId } = pause;
  const pauseTime = toTimestamp(pausedMs);
  return ruleId === ''
    ? { pauseTime, manual: { identity, reason } }
    : { pauseTime, rule: { ruleId, identity, reason } };
}
