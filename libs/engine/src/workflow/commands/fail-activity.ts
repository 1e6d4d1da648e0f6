import { failAttempt, recordHeartbeat, runningActivity } from '../activity-attempt.ts';
import { accepted, type CommandOf, refused, type ReplyOf, type Verdict } from '../commands.ts';
import type { Draft } from '../draft.ts';
import { durationProblem } from '../durations.ts';
import { type Failure, failureSizeBytes, oversizeFailure, serverFailure } from '../failures.ts';
import { refusal } from '../refusal.ts';
import { payloadsSizeBytes } from '../sizes.ts';

/**
 * The attempt failed. Heartbeat details that come with it count before the retry is decided. What was too large to be
 * taken as it came is said in the reply. @see spec-history 5.5
 */
export function failActivity(
  draft: Draft,
  { held, failure, lastHeartbeatDetails, identity }: CommandOf<'FailActivity'>,
): Verdict<ReplyOf<'FailActivity'>> {
  const problem = failureProblem(failure);
  if (problem) return refused(refusal('InvalidArgument', problem));
  const running = runningActivity(draft, held);
  if (running.kind === 'refused') return running;

  const { blobSizeBytes, blobWarnSizeBytes } = draft.environment.limits;
  const failures: Failure[] = [];
  let { activity } = running;
  if (payloadsSizeBytes(lastHeartbeatDetails) > blobSizeBytes) {
    failures.push(serverFailure('Heartbeat details exceed size limit.', true));
  } else if (lastHeartbeatDetails) {
    activity = recordHeartbeat(draft, activity, lastHeartbeatDetails);
  }
  let taken = failure;
  if (failure && failureSizeBytes(failure) > blobSizeBytes) {
    taken = oversizeFailure(failure, blobWarnSizeBytes);
    failures.push(taken);
  }
  failAttempt(draft, activity, { failure: taken, identity });
  return accepted({ failures });
}

function failureProblem(failure: Failure | undefined): string | undefined {
  // A failure of the server stands for one of a worker that was too large.
  if (failure && !failure.applicationFailureInfo && !failure.serverFailureInfo) {
    return 'Failure must have ApplicationFailureInfo.';
  }
  for (let cause = failure; cause; cause = cause.cause) {
    const delay = cause.applicationFailureInfo?.nextRetryDelay;
    // A delay below zero is as good as none; what is refused is one that is no duration at all.
    const { seconds = 0, nanos = 0 } = delay ?? {};
    if (seconds * nanos < 0) return `invalid NextRetryDelay: ${durationProblem(delay)}`;
  }
  return undefined;
}
