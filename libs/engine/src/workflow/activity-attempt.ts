import type { ActivityInfo, Plain, temporal } from '@duramesh/proto';
import { pendingActivityById } from './activity-index.ts';
import { type HeldActivity, type Refused, refused } from './commands.ts';
import type { StartedActivityTask } from './started-task.ts';
import type { Draft } from './draft.ts';
import { type Failure, keptFailure } from './failures.ts';
import { tellPauses } from './pause.ts';
import { mergePriority } from './priority.ts';
import { alreadyCompleted, refusal } from './refusal.ts';
import { decideRetry, type EndState, finalState } from './retry-policy.ts';
import { pauseByRule } from './workflow-rules.ts';
import { ensureWorkflowTask } from './workflow-task.ts';

type Payloads = Plain<temporal.api.common.v1.IPayloads>;

const notFound = refusal(
  'NotFound',
  'invalid activityID or activity already timed out or invoking workflow is completed',
);

type Held = { readonly kind: 'held'; readonly activity: ActivityInfo } | Refused;

/** The activity an answer is about. One named by its id may not have been started. @see spec-history 5.5 */
export function heldActivity(draft: Draft, held: HeldActivity): Held {
  if (!draft.isOpen) return refused(alreadyCompleted);
  if (held.by === 'id') {
    const activity = pendingActivityById(draft, held.activityId);
    if (activity) return { kind: 'held', activity };
    const which = `cannot find pending activity with ActivityID ${held.activityId}`;
    return refused(refusal('NotFound', `${which}, check workflow execution history for more details`));
  }
  const activity = draft.activities.get(held.scheduledEventId);
  if (!activity || activity.startedMs === 0 || activity.attempt !== held.attempt) return refused(notFound);
  return activity.startVersion === held.startVersion ? { kind: 'held', activity } : refused(notFound);
}

/** As `heldActivity`, and a worker is at it. */
export function runningActivity(draft: Draft, held: HeldActivity): Held {
  const found = heldActivity(draft, held);
  return found.kind === 'held' && found.activity.startedMs === 0 ? refused(notFound) : found;
}

/** A worker begins the attempt. History hears of it once the activity ends. */
export function beginAttempt(
  draft: Draft,
  activity: ActivityInfo,
  { identity, requestId }: { readonly identity: string; readonly requestId: string },
): ActivityInfo {
  const started: ActivityInfo = { ...activity, startedMs: draft.now, identity, requestId };
  draft.activities.set(activity.scheduledEventId, started);
  return started;
}

/** What the poll that takes the attempt is answered with. */
export function startedActivityTask({ info }: Draft, activity: ActivityInfo): StartedActivityTask {
  return {
    scheduledEventId: activity.scheduledEventId,
    scheduledBatchEventId: activity.scheduledBatchEventId,
    activityId: activity.activityId,
    activityType: activity.activityType,
    attempt: activity.attempt,
    startVersion: activity.startVersion,
    firstScheduledMs: activity.firstScheduledMs,
    scheduledMs: activity.scheduledMs,
    startedMs: activity.startedMs,
    heartbeatDetails: activity.heartbeatDetails,
    retryPolicy: activity.retryPolicy,
    priority: mergePriority(info.priority, activity.priority),
    workflowType: info.workflowType,
  };
}

/** The worker is alive, and this is how far it has come: kept for the next attempt. */
export function recordHeartbeat(draft: Draft, activity: ActivityInfo, details: Payloads | undefined): ActivityInfo {
  const beating: ActivityInfo = { ...activity, heartbeatDetails: details, lastHeartbeatMs: draft.now };
  draft.activities.set(activity.scheduledEventId, beating);
  return beating;
}

/** The first of the two events that end an activity whose last attempt was started. */
export function tellStarted(draft: Draft, activity: ActivityInfo): void {
  if (activity.startedMs === 0) return;
  const { scheduledEventId, identity, requestId, attempt, lastFailure, startedMs } = activity;
  draft.buffer(
    'ActivityTaskStarted',
    { scheduledEventId, identity, requestId, attempt, lastFailure },
    { eventTimeMs: startedMs },
  );
}

/** Makes the activity wait for its next attempt, or says why there is none. Writes no event. @see spec-history 5.3 */
export function retryActivity(
  draft: Draft,
  activity: ActivityInfo,
  failure: Failure | undefined,
): EndState | undefined {
  const { retryPolicy: policy, cancelRequested, scheduledEventId, attempt, expirationMs } = activity;
  const pause = activity.pause ?? pauseByRule(draft, activity);
  if (pause) {
    // However many attempts are left: the next one begins when it is let go.
    const final = finalState({ policy, failure, cancelRequested });
    if (final !== undefined) return final;
    draft.activities.set(scheduledEventId, { ...withoutAttempt(draft, activity, failure), pause });
    tellPauses(draft);
    return undefined;
  }
  const decision = decideRetry({
    policy,
    attempt,
    failure,
    cancelRequested,
    nowMs: draft.now,
    expirationMs,
    capsOwnDelay: false,
  });
  if (decision.kind === 'end') return decision.retryState;
  draft.activities.set(scheduledEventId, {
    ...afterReset(withoutAttempt(draft, activity, failure)),
    scheduledMs: draft.now + decision.delayMs,
    inBackoff: true,
  });
  return undefined;
}

/** The activity once its attempt has come to nothing. */
function withoutAttempt(draft: Draft, activity: ActivityInfo, failure: Failure | undefined): ActivityInfo {
  return {
    ...activity,
    attempt: activity.attempt + 1,
    startedMs: 0,
    requestId: '',
    identity: '',
    lastFailure: keptFailure(failure, draft.environment.limits),
    lastWorkerIdentity: activity.identity,
    lastAttemptCompleteMs: draft.now,
  };
}

/** A reset is done with once the next attempt is certain; that attempt may have to do without heartbeat details. */
export function afterReset(activity: ActivityInfo): ActivityInfo {
  if (!activity.reset && !activity.resetHeartbeat) return activity;
  const kept = activity.resetHeartbeat ? withoutHeartbeat(activity) : activity;
  return { ...kept, reset: false, resetHeartbeat: false };
}

export const withoutHeartbeat = (activity: ActivityInfo): ActivityInfo => ({
  ...activity,
  heartbeatDetails: undefined,
  lastHeartbeatMs: 0,
});

/** An attempt that failed: tried again, or the end of the activity. */
export function failAttempt(
  draft: Draft,
  activity: ActivityInfo,
  { failure, identity }: { readonly failure: Failure | undefined; readonly identity: string },
): void {
  const retryState = retryActivity(draft, activity, failure);
  if (retryState === undefined) return;
  tellStarted(draft, activity);
  const { scheduledEventId } = activity;
  draft.buffer('ActivityTaskFailed', { failure, scheduledEventId, identity, retryState });
  ensureWorkflowTask(draft);
}
