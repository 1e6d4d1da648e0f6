import { EVENT_TYPES } from '@duramesh/engine';
import type { ActivityCompletion, Ledger } from '../ledger.ts';
import { ACTIVITY_TYPES } from '../plan/workflow-plan.ts';
import type { Run } from './runs.ts';

/** No simulated workflow uses the id of a timer again. */
export function checkTimers({ workflowId, runId, events }: Run): readonly string[] {
  const fired = new Map<string, number>();
  for (const event of events) {
    if (event.eventType !== EVENT_TYPES.TimerFired) continue;
    const timerId = event.timerFiredEventAttributes?.timerId ?? '';
    fired.set(timerId, (fired.get(timerId) ?? 0) + 1);
  }
  return [...fired]
    .filter(([, times]) => times > 1)
    .map(([id, times]) => `${workflowId}/${runId}: ${id} fired ${times} times`);
}

/** What workers were thanked for has happened, once. */
export function checkCompletions(runs: readonly Run[], ledger: Ledger): readonly string[] {
  const byRun = new Map(runs.map((run) => [run.runId, run]));
  const broken: string[] = [];
  const completed = new Set<string>();
  for (const completion of ledger.activityCompletions) {
    const { runId, scheduledEventId } = completion;
    const where = `${runId}/${scheduledEventId}`;
    if (completed.has(where)) broken.push(`the completion of activity ${where} was acknowledged twice`);
    completed.add(where);
    const run = byRun.get(runId);
    if (!ledger.deletions.has(runId) && !(run && isCompleted(run, completion)))
      broken.push(`acknowledged completion of activity ${where} is lost`);
  }
  for (const { runId, startedEventId } of ledger.taskCompletions) {
    if (ledger.deletions.has(runId)) continue;
    const isThere = byRun
      .get(runId)
      ?.events.some((event) => event.workflowTaskCompletedEventAttributes?.startedEventId === startedEventId);
    if (!isThere) broken.push(`acknowledged completion of workflow task ${runId}/${startedEventId} is lost`);
  }
  return broken;
}

/** By the attempt that was said to be complete, if one was named. */
function isCompleted({ events }: Run, { scheduledEventId, attempt }: ActivityCompletion): boolean {
  const started = events
    .map((event) => event.activityTaskStartedEventAttributes)
    .find((attributes) => attributes?.scheduledEventId === scheduledEventId);
  const isThere = events.some(
    (event) => event.activityTaskCompletedEventAttributes?.scheduledEventId === scheduledEventId,
  );
  return isThere && (attempt === undefined || started?.attempt === attempt);
}

/** Who may try for ever does, unless it is to stop or its run has a limit; and who was not to be canceled is not. */
export function checkEndless({ workflowId, runId, events }: Run): readonly string[] {
  const types = new Map<number, string>();
  const broken: string[] = [];
  for (const event of events) {
    const { activityTaskScheduledEventAttributes: scheduled, eventId = 0 } = event;
    const isLimited = Number(scheduled?.scheduleToCloseTimeout?.seconds ?? 0) > 0;
    if (scheduled) types.set(eventId, isLimited ? ACTIVITY_TYPES.brittle : (scheduled.activityType?.name ?? ''));
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
    const canceled = event.activityTaskCanceledEventAttributes;
    const givenUp = failed && types.get(failed.scheduledEventId ?? 0) === ACTIVITY_TYPES.effect;
    const stopped = canceled && types.get(canceled.scheduledEventId ?? 0) === ACTIVITY_TYPES.effect;
    if (givenUp || stopped)
      broken.push(`${workflowId}/${runId}: event ${eventId} ends an activity that goes on for ever`);
  }
  return broken;
}
