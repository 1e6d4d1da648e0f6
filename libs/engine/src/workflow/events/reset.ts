import type { Draft } from '../draft.ts';
import { fromTimestamp, type HistoryEvent } from '../events.ts';
import type { Overlay } from '../overlay.ts';
import { runExpirationMs } from './workflow-execution.ts';

/**
 * From here on the history is no longer that of the base: the run begins anew, with all its time, and so do the
 * activities that wait in it. @see spec-history 8.1
 */
export function beginAnew(draft: Draft, baseRunId: string, event: HistoryEvent): void {
  const { info, activities, children, externalCancels, externalSignals } = draft;
  const nowMs = fromTimestamp(event.eventTime);
  info.baseRunIds = [...info.baseRunIds, baseRunId];
  info.resetEventId = event.eventId ?? 0;
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
  // What the base has asked of others is not asked for a second time.
  for (const requests of [children, externalCancels, externalSignals]) comesFrom(baseRunId, requests);
}

interface Requested {
  readonly initiatedEventId: number;
  readonly originRunId: string;
}

function comesFrom<R extends Requested>(baseRunId: string, requests: Overlay<number, R>): void {
  for (const request of requests.values()) {
    if (request.originRunId === '') requests.set(request.initiatedEventId, { ...request, originRunId: baseRunId });
  }
}
