import { failAttempt, recordHeartbeat, runningActivity } from '../activity-attempt.ts';
import { accepted, type CommandOf, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { serverFailure } from '../failures.ts';
import { payloadsSizeBytes } from '../sizes.ts';

/**
 * The worker is alive and learns whether it should stop. Details that are too large fail the activity, and the worker
 * is told to stop. @see spec-history 5.5
 */
export function heartbeatActivity(
  draft: Draft,
  { held, details, identity }: CommandOf<'HeartbeatActivity'>,
): Verdict<ReplyOf<'HeartbeatActivity'>> {
  const running = runningActivity(draft, held);
  if (running.kind === 'refused') return running;
  const { activity } = running;
  if (payloadsSizeBytes(details) > draft.environment.limits.blobSizeBytes) {
    failAttempt(draft, activity, { failure: serverFailure('Heartbeat details exceed size limit.', true), identity });
    return accepted({ cancelRequested: true, activityPaused: false, activityReset: false });
  }
  recordHeartbeat(draft, activity, details);
  return accepted({
    cancelRequested: activity.cancelRequested,
    activityPaused: activity.pause !== undefined,
    activityReset: activity.reset,
  });
}
