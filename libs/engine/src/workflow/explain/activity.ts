import type { ActivityInfo, ExecutionInfo, Reason } from '@duramesh/proto';
import { activityDueMs } from '../activity-deadlines.ts';
import { skippedMs } from '../time-skipping.ts';
import { ACTIVITY_QUEUE, awaited, because, byWhom, inWords, quoted } from './reason.ts';

interface Moment {
  readonly now: number;
  /** How far the clock of the run is ahead. */
  readonly skipped: number;
}

/** What becomes of one pending activity. */
export function waitForActivity(activity: ActivityInfo, info: ExecutionInfo, now: number): Reason {
  const moment = { now, skipped: skippedMs(info) };
  if (activity.pause && activity.startedMs === 0) return paused(activity, moment);
  if (activity.startedMs > 0) return running(activity, moment);
  if (activity.inBackoff) return inBackoff(activity, moment);
  const { activityId: subject, taskQueue: name } = activity;
  const sinceMs = activity.scheduledMs - moment.skipped;
  const text = `${called(activity)} waits for a worker of ${name}, since ${inWords(now - sinceMs)}.`;
  const queue = awaited({ name, type: ACTIVITY_QUEUE }, info);
  return because('ACTIVITY_SCHEDULED', text, { sinceMs, untilMs: dueMs(activity, moment), subject, queue });
}

const called = ({ activityType, activityId }: ActivityInfo): string => `Activity ${activityType} (${activityId})`;

function dueMs(activity: ActivityInfo, { skipped }: Moment): number {
  const due = activityDueMs(activity);
  return due === Number.POSITIVE_INFINITY ? 0 : due - skipped;
}

function paused(activity: ActivityInfo, { skipped }: Moment): Reason {
  const { pause, activityId: subject } = activity;
  const rule = pause?.ruleId ? ` by the workflow rule ${pause.ruleId}` : '';
  const who = pause && rule === '' ? byWhom(pause) : '';
  const advice = 'Unpause the activity: temporal activity unpause.';
  const sinceMs = (pause?.pausedMs ?? 0) - skipped;
  return because('ACTIVITY_PAUSED', `${called(activity)} was paused${rule}${who}.`, { sinceMs, subject, advice });
}

function running(activity: ActivityInfo, moment: Moment): Reason {
  const { activityId: subject, identity, lastHeartbeatMs, heartbeatTimeoutMs, attempt } = activity;
  const { now, skipped } = moment;
  const sinceMs = activity.startedMs - skipped;
  const heartbeat =
    lastHeartbeatMs > 0 ? `, last heartbeat ${inWords(now - lastHeartbeatMs + skipped)} ago` : ', no heartbeat yet';
  const told = lastHeartbeatMs > 0 || heartbeatTimeoutMs > 0 ? heartbeat : '';
  const stops = activity.pause ? ' It was paused: no other attempt follows this one.' : '';
  const asked = activity.cancelRequested ? ' The workflow has asked it to stop.' : '';
  const text =
    `${called(activity)} runs on ${quoted(identity) || 'a worker'}, attempt ${attempt},` +
    ` since ${inWords(now - sinceMs)}${told}.${asked}${stops}`;
  return because('ACTIVITY_RUNNING', text, { sinceMs, untilMs: dueMs(activity, moment), subject });
}

function inBackoff(activity: ActivityInfo, { now, skipped }: Moment): Reason {
  const { activityId: subject, attempt, lastFailure, retryPolicy } = activity;
  const untilMs = activity.scheduledMs - skipped;
  const most = retryPolicy?.maximumAttempts ? ` of ${retryPolicy.maximumAttempts}` : '';
  const failure = lastFailure ? ` The last one failed: ${quoted(lastFailure.message ?? '')}.` : '';
  const text = `${called(activity)} is tried again in ${inWords(untilMs - now)}, attempt ${attempt}${most}.${failure}`;
  const sinceMs = activity.lastAttemptCompleteMs === 0 ? 0 : activity.lastAttemptCompleteMs - skipped;
  const advice = 'Mend what the failure tells of; temporal activity reset begins at once.';
  return because('ACTIVITY_RETRY_BACKOFF', text, { sinceMs, untilMs, subject, advice });
}
