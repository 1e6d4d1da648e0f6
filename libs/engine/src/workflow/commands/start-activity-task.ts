import { beginAttempt, startedActivityTask } from '../activity-attempt.ts';
import { accepted, type CommandOf, noop, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { isPaused } from '../paused.ts';
import { refusal } from '../refusal.ts';
import { moveWorkflow } from '../move-workflow.ts';
import { isHeldByRule } from '../workflow-rules.ts';

const obsolete = refusal('Obsolete', 'Activity task not found.');

/**
 * A worker takes an activity attempt. The same request may ask again, because its answer may have been lost; anybody
 * else is too late, and so is everybody when a rule pauses the activity. @see spec-history 5.2, 8.4
 */
export function startActivityTask(
  draft: Draft,
  { scheduledEventId, attempt, stamp, requestId, identity, movesTo }: CommandOf<'StartActivityTask'>,
): Verdict<ReplyOf<'StartActivityTask'>> {
  const activity = draft.activities.get(scheduledEventId);
  if (!draft.isOpen || !activity || activity.attempt !== attempt || activity.stamp !== stamp) return refused(obsolete);
  if (activity.startedMs > 0) {
    return activity.requestId === requestId ? noop(startedActivityTask(draft, activity)) : refused(obsolete);
  }
  if (activity.inBackoff || activity.pause || isPaused(draft.info)) return refused(obsolete);
  // Activities follow the run to another version, not the other way round.
  if (draft.info.versioning?.transition) return refused(obsolete);
  if (movesTo !== undefined) {
    moveWorkflow(draft, movesTo);
    return { kind: 'accepted', reply: startedActivityTask(draft, activity), refusal: obsolete };
  }
  if (isHeldByRule(draft, activity)) {
    return { kind: 'accepted', reply: startedActivityTask(draft, activity), refusal: obsolete };
  }
  return accepted(startedActivityTask(draft, beginAttempt(draft, activity, { identity, requestId })));
}
