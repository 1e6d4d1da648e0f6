import type { ActivityInfo } from '@duramesh/proto';
import { retryActivity, tellStarted } from './activity-attempt.ts';
import { activityDeadlines, type ActivityDeadline, activityDueMs, DUE, type DueType } from './activity-deadlines.ts';
import type { Draft } from './draft.ts';
import type { Failure } from './failures.ts';
import { dispatchActivityOf } from './outstanding.ts';
import { type EndState, RETRY_STATES, TIMEOUT_NAMES } from './retry-policy.ts';

const NO_TIME_LEFT =
  'Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying';

interface Due extends ActivityDeadline {
  readonly scheduledEventId: number;
  readonly attempt: number;
}

const inOrder = (a: Due, b: Due): number =>
  a.dueMs - b.dueMs || a.scheduledEventId - b.scheduledEventId || a.type - b.type;

/**
 * Does everything that has become due of activities: attempts time out, and those whose pause is over go to matching.
 * True when an activity ended, so that the workflow must hear of it. @see spec-history 5.4
 */
export function applyDueActivities(draft: Draft): boolean {
  const { now, activities, base } = draft;
  if (!activities.touched && base.summary.activitiesDueMs > now) return false;
  const due: Due[] = [];
  activities.forEach((activity) => {
    if (activityDueMs(activity) > now) return;
    const { scheduledEventId, attempt } = activity;
    for (const { dueMs, type } of activityDeadlines(activity)) {
      if (dueMs <= now) due.push({ dueMs, type, scheduledEventId, attempt });
    }
  });
  let ended = false;
  for (const { type, scheduledEventId, attempt } of due.sort(inOrder)) {
    const activity = activities.get(scheduledEventId);
    // What came first may have ended the activity or the attempt.
    if (activity?.attempt !== attempt) continue;
    if (type === DUE.retry) dispatchRetry(draft, activity);
    else ended = timeOut(draft, activity, type) || ended;
  }
  return ended;
}

function dispatchRetry(draft: Draft, activity: ActivityInfo): void {
  const waiting: ActivityInfo = { ...activity, inBackoff: false };
  draft.activities.set(activity.scheduledEventId, waiting);
  draft.tasks.push(dispatchActivityOf(waiting, draft.info));
}

/** True when the activity ends with this attempt. */
function timeOut(draft: Draft, activity: ActivityInfo, type: Exclude<DueType, 0>): boolean {
  const failure = timeoutFailure(`activity ${TIMEOUT_NAMES[type]} timeout`, type);
  const retryState = retryActivity(draft, activity, failure);
  if (retryState === undefined) return false;
  tellStarted(draft, activity);
  draft.buffer('ActivityTaskTimedOut', {
    failure: endingFailure(activity, type, retryState),
    scheduledEventId: activity.scheduledEventId,
    retryState,
  });
  return true;
}

const timeoutFailure = (message: string, timeoutType: number): Failure => ({
  message,
  source: 'Server',
  timeoutFailureInfo: { timeoutType },
});

/** What the workflow reads: the timeout, how far the worker had come, and what befell the attempt before. */
function endingFailure(activity: ActivityInfo, type: Exclude<DueType, 0>, retryState: EndState): Failure {
  const outOfTime = retryState === RETRY_STATES.timeout && type !== DUE.scheduleToStart;
  const timeoutType = outOfTime ? DUE.scheduleToClose : type;
  const message = outOfTime ? NO_TIME_LEFT : `activity ${TIMEOUT_NAMES[type]} timeout`;
  return {
    ...timeoutFailure(message, timeoutType),
    cause: activity.lastFailure,
    timeoutFailureInfo: { timeoutType, lastHeartbeatDetails: activity.heartbeatDetails },
  };
}
