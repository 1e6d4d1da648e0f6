import type { ActivityInfo } from '@duramesh/proto';
import { asScheduled, changedOptions, scheduledOptions, withOptions } from '../activity-options.ts';
import { reschedule, targetedActivities } from '../activity-target.ts';
import {
  accepted,
  type ActivityOptions,
  type CommandOf,
  refused,
  type Refused,
  type ReplyOf,
  type Verdict,
} from '../commands.ts';
import type { Draft } from '../draft.ts';
import { maskedFields } from '../field-mask.ts';
import { alreadyCompleted, refusal } from '../refusal.ts';
import { intervalBeforeMs } from '../retry-policy.ts';

type Command = CommandOf<'UpdateActivityOptions'>;
type Outcome = Verdict<ReplyOf<'UpdateActivityOptions'>>;

const noOptions = refusal('InvalidArgument', 'ActivityOptions are not provided');
const noMask = refusal('InvalidArgument', 'UpdateMask is not provided');

/**
 * Changes what was asked for when the activities were scheduled, or makes it what it was. A running attempt goes on under
 * its token, with the new timeouts; one that waits is handed out anew. Answers the options of the last. @see spec-history 5.8
 */
export function updateActivityOptions(draft: Draft, command: Command): Outcome {
  if (command.restoreOriginal) return restore(draft, command);
  const { options: given, paths, target } = command;
  if (!draft.isOpen) return refused(alreadyCompleted);
  if (!given) return refused(noOptions);
  const found = targetedActivities(draft, target);
  if (found.kind === 'refused' && target.by !== 'id') return found;
  if (!paths) return refused(noMask);
  if (found.kind === 'refused') return found;
  const fields = maskedFields(paths);
  let options: ActivityOptions = {};
  for (const activity of found.activities) {
    const changed = changedOptions(draft, activity, { given, fields });
    if (changed.problem !== undefined) return refused(refusal('InvalidArgument', changed.problem));
    options = changed.options;
    handOutAnew(draft, withOptions(activity, options));
  }
  return accepted({ options });
}

function restore(draft: Draft, { target }: Command): Outcome | Refused {
  const found = targetedActivities(draft, target);
  if (found.kind === 'refused') return found;
  let options: ActivityOptions = {};
  for (const activity of found.activities) {
    options = scheduledOptions(activity);
    handOutAnew(draft, asScheduled(activity));
  }
  return accepted({ options });
}

/** What was handed out with the old options is worth nothing; a backoff is measured by the new ones. */
function handOutAnew(draft: Draft, activity: ActivityInfo): void {
  const { startedMs, attempt, retryPolicy, scheduledMs, lastAttemptCompleteMs } = activity;
  const renewed = { ...activity, stamp: activity.stamp + 1 };
  if (startedMs > 0) {
    draft.activities.set(activity.scheduledEventId, renewed);
    return;
  }
  const intervalMs = attempt > 1 && retryPolicy ? intervalBeforeMs(retryPolicy, attempt) : 0;
  reschedule(draft, renewed, intervalMs > 0 ? lastAttemptCompleteMs + intervalMs : scheduledMs);
}
