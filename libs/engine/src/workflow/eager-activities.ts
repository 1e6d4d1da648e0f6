import { beginAttempt, startedActivityTask } from './activity-attempt.ts';
import type { StartedActivityTask } from './started-task.ts';
import type { Draft } from './draft.ts';
import { isPaused } from './paused.ts';
import { isHeldByRule } from './workflow-rules.ts';

const TAIL_DIGITS = 12;
const TAILS = 16 ** TAIL_DIGITS;

/** A request id of its own for each activity, drawn from the one fresh id a transition is given. */
function requestIdOf(freshId: string, scheduledEventId: number): string {
  const tail = (Number.parseInt(freshId.slice(-TAIL_DIGITS), 16) + scheduledEventId) % TAILS;
  return freshId.slice(0, -TAIL_DIGITS) + tail.toString(16).padStart(TAIL_DIGITS, '0');
}

/**
 * Starts the activities that go to the worker with its answer, unless a later command ended them or the run. Call after
 * the last command. @see spec-history 5.7
 */
export function startEagerActivities(
  draft: Draft,
  scheduledEventIds: readonly number[],
  identity: string,
): readonly StartedActivityTask[] {
  const tasks: StartedActivityTask[] = [];
  if (!draft.isOpen || isPaused(draft.info)) return tasks;
  for (const scheduledEventId of scheduledEventIds) {
    const activity = draft.activities.get(scheduledEventId);
    if (!activity || isHeldByRule(draft, activity)) continue;
    const requestId = requestIdOf(draft.environment.newRunId, scheduledEventId);
    tasks.push(startedActivityTask(draft, beginAttempt(draft, activity, { identity, requestId })));
  }
  return tasks;
}
