import { type ExecutionInfo, RunState } from '@duramesh/proto';
import { isPaused } from './paused.ts';
import type { Summary } from './summary.ts';
import { fastForwardDueMs, skippedMs } from './time-skipping.ts';

/** When the pending workflow task runs out: start-to-close once started, schedule-to-start on a sticky queue before. */
export function workflowTaskDeadlineMs({ workflowTask: task }: ExecutionInfo): number {
  if (!task) return 0;
  if (task.startedEventId > 0) return task.startedMs + task.timeoutMs;
  return task.scheduleToStartTimeoutMs > 0 ? task.scheduledMs + task.scheduleToStartTimeoutMs : 0;
}

/**
 * The earliest moment, by the real clock, at which something of the run becomes due; 0 means never. Things due only after the run itself
 * has timed out do not count. @see spec-history 5.4, 6.1
 */
export function nextWakeMs({ info, summary }: { readonly info: ExecutionInfo; readonly summary: Summary }): number {
  if (info.state === RunState.RUN_STATE_COMPLETED) return 0;
  let earliest = Math.min(summary.timersDueMs, summary.activitiesDueMs);
  const consider = (dueMs: number): void => {
    if (dueMs > 0 && dueMs < earliest) earliest = dueMs;
  };
  consider(workflowTaskDeadlineMs(info));
  if (info.awaitedParent) consider(info.awaitedParent.askMs);
  // A paused run begins when it is let go.
  else if (!isPaused(info)) consider(info.backoffUntilMs);
  consider(info.runExpirationMs);
  consider(info.executionExpirationMs);
  if (info.timeSkipping) consider(fastForwardDueMs(info));
  return earliest === Number.POSITIVE_INFINITY ? 0 : Math.ceil(earliest) - skippedMs(info);
}
