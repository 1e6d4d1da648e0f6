import type { ActivityInfo, ActivityPause } from '@duramesh/proto';
import { targetedActivities } from '../activity-target.ts';
import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { tellPauses } from '../pause.ts';
import { refusal } from '../refusal.ts';

const alreadyPaused = refusal('FailedPrecondition', 'activity is already paused');

/**
 * No attempt begins and no timeout counts until the activity is let go. A running attempt may end; its worker learns of
 * the pause by its heartbeats. @see spec-history 5.8
 */
export function pauseActivity(draft: Draft, command: CommandOf<'PauseActivity'>): Verdict<ReplyOf<'PauseActivity'>> {
  const { target, identity, reason, requestId } = command;
  const found = targetedActivities(draft, target);
  if (found.kind === 'refused') return found;
  const pauses = found.activities.map(({ pause }) => pause).filter((pause) => pause !== undefined);
  if (pauses.some((pause) => pause.requestId !== requestId)) return refused(alreadyPaused);
  if (pauses.length === found.activities.length) return noop({});
  const pause = { pausedMs: draft.now, identity, reason, requestId, ruleId: '' };
  for (const activity of found.activities) if (!activity.pause) holdActivity(draft, activity, pause);
  tellPauses(draft);
  return accepted({});
}

/** What was handed out for an attempt that did not begin is worth nothing any more. */
export function holdActivity(draft: Draft, activity: ActivityInfo, pause: ActivityPause): void {
  const stamp = activity.startedMs > 0 ? activity.stamp : activity.stamp + 1;
  draft.activities.set(activity.scheduledEventId, { ...activity, pause, stamp });
}
