import type { Draft } from '../draft.ts';
import { fromTimestamp, type HistoryEvent } from '../events.ts';
import { runExpirationMs } from './workflow-execution.ts';

/**
 * From here on the history is no longer that of the base: the run begins anew, with all its time, and so do the
 * activities that wait in it. @see spec-history 8.1
 */
export function beginAnew(draft: Draft, baseRunId: string, event: HistoryEvent): void {
  const { info, activities } = draft;
  const nowMs = fromTimestamp(event.eventTime);
  info.baseRunId = baseRunId;
  info.executionTimeMs += nowMs - info.startTimeMs;
  info.startTimeMs = nowMs;
  if (info.executionTimeoutMs > 0) info.executionExpirationMs = nowMs + info.executionTimeoutMs;
  info.runExpirationMs = runExpirationMs(info, nowMs);
  for (const activity of activities.values()) {
    const { scheduledEventId, scheduleToCloseTimeoutMs } = activity;
    activities.set(scheduledEventId, {
      ...activity,
      firstScheduledMs: nowMs,
      scheduledMs: nowMs,
      expirationMs: scheduleToCloseTimeoutMs > 0 ? nowMs + scheduleToCloseTimeoutMs : 0,
    });
  }
}
