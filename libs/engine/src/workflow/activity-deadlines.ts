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
  let dueMs = activity.expirationMs > 0 ? activity.expirationMs : Number.POSITIVE_INFINITY;
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
  if (activity.expirationMs > 0) deadlines.push({ dueMs: activity.expirationMs, type: DUE.scheduleToClose });
  const { scheduledMs, startedMs, startToCloseTimeoutMs, scheduleToStartTimeoutMs } = activity;
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
