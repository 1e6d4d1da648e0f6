import { beginAttempt, failAttempt, heldActivity, runningActivity, tellStarted } from '../activity-attempt.ts';
import { accepted, type CommandOf, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { serverFailure } from '../failures.ts';
import { payloadsSizeBytes } from '../sizes.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';

/**
 * The activity is done. By id it may be so before any worker took it: whoever completes it is then told to have begun
 * it, too. A result that is too large fails the activity instead. @see spec-history 5.5
 */
export function completeActivity(
  draft: Draft,
  { held, result, identity }: CommandOf<'CompleteActivity'>,
): Verdict<ReplyOf<'CompleteActivity'>> {
  if (payloadsSizeBytes(result) > draft.environment.limits.blobSizeBytes) {
    const running = runningActivity(draft, held);
    if (running.kind === 'refused') return running;
    const failure = serverFailure('Complete result exceeds size limit.', true);
    failAttempt(draft, running.activity, { failure, identity });
    return accepted({});
  }
  const found = heldActivity(draft, held);
  if (found.kind === 'refused') return found;
  const { activity } = found;
  tellStarted(draft, activity.startedMs > 0 ? activity : beginAttempt(draft, activity, { identity, requestId: '' }));
  draft.buffer('ActivityTaskCompleted', { result, scheduledEventId: activity.scheduledEventId, identity });
  ensureWorkflowTask(draft);
  return accepted({});
}
