import type { ActivityInfo } from '@duramesh/proto';
import { asScheduled } from '../activity-options.ts';
import { jitteredMs, reschedule, targetedActivities } from '../activity-target.ts';
import { accepted, type CommandOf, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { tellPauses } from '../pause.ts';

/**
 * Activities begin anew with their first attempt. One that is running goes on, and its worker learns of the reset by its
 * heartbeats; with a later attempt than the first it has lost its right to answer. @see spec-history 5.8
 */
export function resetActivity(draft: Draft, command: CommandOf<'ResetActivity'>): Verdict<ReplyOf<'ResetActivity'>> {
  const found = targetedActivities(draft, command.target);
  if (found.kind === 'refused') return found;
  for (const [place, activity] of found.activities.entries()) {
    const renewed = renew(activity, command);
    if (renewed.startedMs > 0 || renewed.pause) draft.activities.set(activity.scheduledEventId, renewed);
    else reschedule(draft, renewed, jitteredMs(draft, command.jitterMs, place));
  }
  tellPauses(draft);
  return accepted({});
}

function renew(
  activity: ActivityInfo,
  { resetHeartbeat, keepPaused, restoreOriginalOptions }: CommandOf<'ResetActivity'>,
): ActivityInfo {
  return {
    ...(restoreOriginalOptions ? withOriginalOptions(activity) : activity),
    attempt: 1,
    reset: true,
    resetHeartbeat: activity.resetHeartbeat || resetHeartbeat,
    pause: keepPaused ? activity.pause : undefined,
    stamp: activity.stamp + 1,
  };
}

/** All but the priority, which a reset leaves as it is. */
function withOriginalOptions(activity: ActivityInfo): ActivityInfo {
  const { originalOptions, priority } = activity;
  return { ...asScheduled(activity), originalOptions, priority };
}
