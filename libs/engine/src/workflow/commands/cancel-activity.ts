import { failAttempt, runningActivity, tellStarted } from '../activity-attempt.ts';
import { accepted, type CommandOf, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { serverFailure } from '../failures.ts';
import { refusal } from '../refusal.ts';
import { payloadsSizeBytes } from '../sizes.ts';
import { ensureWorkflowTask } from '../workflow-task.ts';

const unasked = refusal(
  'InvalidArgument',
  'unable to mark activity as canceled without activity being request canceled first',
);

/** The worker has stopped the activity, as the workflow asked. @see spec-history 5.5 */
export function cancelActivity(
  draft: Draft,
  { held, details, identity }: CommandOf<'CancelActivity'>,
): Verdict<ReplyOf<'CancelActivity'>> {
  const running = runningActivity(draft, held);
  if (running.kind === 'refused') return running;
  const { activity } = running;
  if (payloadsSizeBytes(details) > draft.environment.limits.blobSizeBytes) {
    failAttempt(draft, activity, { failure: serverFailure('Cancel details exceed size limit.', true), identity });
    return accepted({});
  }
  if (!activity.cancelRequested) return refused(unasked);
  tellStarted(draft, activity);
  draft.buffer('ActivityTaskCanceled', {
    details,
    latestCancelRequestedEventId: activity.cancelRequestedEventId,
    scheduledEventId: activity.scheduledEventId,
    identity,
  });
  ensureWorkflowTask(draft);
  return accepted({});
}
