import type { ActivityInfo } from '@duramesh/proto';
import { withoutHeartbeat } from '../activity-attempt.ts';
import { jitteredMs, reschedule, targetedActivities } from '../activity-target.ts';
import { accepted, type CommandOf, noop, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { tellPauses } from '../pause.ts';

/**
 * Lets paused activities go on. What is left of a backoff is skipped; an attempt that is running just goes on. Those
 * that are not paused are left alone. @see spec-history 5.8
 */
export function unpauseActivity(
  draft: Draft,
  command: CommandOf<'UnpauseActivity'>,
): Verdict<ReplyOf<'UnpauseActivity'>> {
  const { target, resetAttempts, resetHeartbeat, jitterMs } = command;
  const found = targetedActivities(draft, target);
  if (found.kind === 'refused') return found;
  const paused = found.activities.filter(({ pause }) => pause !== undefined);
  if (paused.length === 0) return noop({});
  for (const [place, activity] of paused.entries()) {
    const kept = resetHeartbeat ? withoutHeartbeat(activity) : activity;
    const free: ActivityInfo = {
      ...kept,
      pause: undefined,
      stamp: activity.stamp + 1,
      attempt: resetAttempts ? 1 : activity.attempt,
    };
    if (activity.startedMs > 0) draft.activities.set(activity.scheduledEventId, free);
    else reschedule(draft, free, jitteredMs(draft, jitterMs, place));
  }
  tellPauses(draft);
  return accepted({});
}
