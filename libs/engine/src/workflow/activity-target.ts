import type { ActivityInfo } from '@duramesh/proto';
import { afterReset } from './activity-attempt.ts';
import { pendingActivityById } from './activity-index.ts';
import { type ActivityTarget, type Refused, refused } from './commands.ts';
import type { Draft } from './draft.ts';
import { dispatchActivityOf } from './outstanding.ts';
import { alreadyCompleted, refusal } from './refusal.ts';
import { waitsForWorker } from './summary.ts';

const notFound = refusal(
  'NotFound',
  "Can't find pending activity with such ID. Invalid activityID or activity already completed",
);

/** Turns one chance into one for each of many, spread evenly. */
const GOLDEN = 0.618_033_988_749_894_9;

type Targets = { readonly kind: 'targets'; readonly activities: readonly ActivityInfo[] } | Refused;

/** The pending activities that an operator means; there is at least one. @see spec-history 5.8 */
export function targetedActivities(draft: Draft, target: ActivityTarget): Targets {
  if (!draft.isOpen) return refused(alreadyCompleted);
  const activities: ActivityInfo[] = [];
  if (target.by === 'id') {
    const activity = pendingActivityById(draft, target.activityId);
    if (activity) activities.push(activity);
  } else {
    draft.activities.forEach((activity) => {
      if (target.by === 'all' || activity.activityType === target.activityType) activities.push(activity);
    });
  }
  return activities.length > 0 ? { kind: 'targets', activities } : refused(notFound);
}

/** A moment for the next attempt of the activity at `place` among those that are meant. */
export function jitteredMs({ now, environment }: Draft, jitterMs: number, place: number): number {
  return now + Math.floor(((environment.chance + place * GOLDEN) % 1) * jitterMs);
}

/** An activity that no worker is at begins its attempt at `atMs`, whatever it has waited for until now. */
export function reschedule(draft: Draft, activity: ActivityInfo, atMs: number): void {
  const waiting: ActivityInfo = {
    ...afterReset(activity),
    scheduledMs: atMs,
    inBackoff: atMs > draft.now,
    lastFailure: undefined,
  };
  draft.activities.set(activity.scheduledEventId, waiting);
  if (waitsForWorker(waiting)) draft.tasks.push(dispatchActivityOf(waiting, draft.info));
}
