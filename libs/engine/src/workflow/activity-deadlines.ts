import type { ActivityInfo } from '@duramesh/proto';

/** Values as in temporal.api.enums.v1.TimeoutType, so that equal times order as their timeouts do; 0 is the next attempt. */
export const DUE = { retry: 0, startToClose: 1, scheduleToStart: 2, scheduleToClose: 3, heartbeat: 4 } as const;
export type DueType = (typeof DUE)[keyof typeof DUE];

export interface ActivityDeadline {
  readonly dueMs: number;
  readonly type: DueType;
}

/** The worker has to be heard of until then: counted from its start or its last heartbeat. */
const heartbeatDueMs = (activity: ActivityInfo): number =>
  Math.max(activity.startedMs, activity.lastHeartbeatMs) + activity.heartbeatTimeoutMs;

/** When the activity first becomes due, in whatever way; Infinity means never. Runs often: allocates nothing. */
export function activityDueMs(activity: ActivityInfo): number {
  // While an activity is paused no time passes for it.
  if (activity.pause) return Number.POSITIVE_INFINITY;
  let dueMs = Number.POSITIVE_INFINITY;
  if (activity.scheduleToCloseTimeoutMs > 0) dueMs = activity.firstScheduledMs + activity.scheduleToCloseTimeoutMs;
  if (activity.startedMs > 0) {
    if (activity.startToCloseTimeoutMs > 0)
      dueMs = Math.min(dueMs, activity.startedMs + activity.startToCloseTimeoutMs);
    if (activity.heartbeatTimeoutMs > 0) dueMs = Math.min(dueMs, heartbeatDueMs(activity));
    return dueMs;
  }
  if (activity.inBackoff) return Math.min(dueMs, activity.scheduledMs);
  const { scheduleToStartTimeoutMs } = activity;
  return scheduleToStartTimeoutMs > 0 ? Math.min(dueMs, activity.scheduledMs + scheduleToStartTimeoutMs) : dueMs;
}

/** Every moment at which something becomes of the activity unless a worker or the workflow comes first. @see spec-history 5.4 */
export function activityDeadlines(activity: ActivityInfo): readonly ActivityDeadline[] {
  const deadlines: ActivityDeadline[] = [];
  if (activity.pause) return deadlines;
  const { scheduledMs, startedMs, startToCloseTimeoutMs, scheduleToStartTimeoutMs } = activity;
  const { firstScheduledMs, scheduleToCloseTimeoutMs } = activity;
  if (scheduleToCloseTimeoutMs > 0) {
    deadlines.push({ dueMs: firstScheduledMs + scheduleToCloseTimeoutMs, type: DUE.scheduleToClose });
  }
  if (startedMs > 0) {
    if (startToCloseTimeoutMs > 0) {
      deadlines.push({ dueMs: startedMs + startToCloseTimeoutMs, type: DUE.startToClose });
    }
    if (activity.heartbeatTimeoutMs > 0) deadlines.push({ dueMs: heartbeatDueMs(activity), type: DUE.heartbeat });
    return deadlines;
  }
  if (activity.inBackoff) deadlines.push({ dueMs: scheduledMs, type: DUE.retry });
  // Each attempt waits anew, from the end of its backoff on.
  if (scheduleToStartTimeoutMs > 0) {
    deadlines.push({ dueMs: scheduledMs + scheduleToStartTimeoutMs, type: DUE.scheduleToStart });
  }
  return deadlines;
}
