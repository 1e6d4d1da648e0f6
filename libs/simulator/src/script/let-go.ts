import type { HistoryEvent } from '@duramesh/engine';
import { type Command, COMMAND } from './command.ts';

const isDropped = (id: string | null | undefined): boolean => id?.startsWith('dropped-') ?? false;

/** Cancels the timers and activities that were begun to be dropped, and are not over. */
export function letGo(events: readonly HistoryEvent[]): readonly Command[] {
  return [...droppedTimers(events).map(cancelTimer), ...droppedActivities(events).map(cancelActivity)];
}

function droppedTimers(events: readonly HistoryEvent[]): readonly string[] {
  const pending = new Set<string>();
  for (const { timerStartedEventAttributes: started, timerFiredEventAttributes: fired, ...event } of events) {
    const { timerCanceledEventAttributes: canceled } = event;
    if (isDropped(started?.timerId)) pending.add(started?.timerId ?? '');
    pending.delete(fired?.timerId ?? canceled?.timerId ?? '');
  }
  return [...pending];
}

/** By scheduled event id. */
function droppedActivities(events: readonly HistoryEvent[]): readonly number[] {
  const pending = new Set<number>();
  for (const event of events) {
    const { activityTaskScheduledEventAttributes: scheduled, eventId = 0 } = event;
    if (isDropped(scheduled?.activityId)) pending.add(eventId);
    const over =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes ??
      event.activityTaskCancelRequestedEventAttributes;
    pending.delete(over?.scheduledEventId ?? 0);
  }
  return [...pending];
}

const cancelTimer = (timerId: string): Command => ({
  commandType: COMMAND.cancelTimer,
  cancelTimerCommandAttributes: { timerId },
});

const cancelActivity = (scheduledEventId: number): Command => ({
  commandType: COMMAND.requestCancelActivity,
  requestCancelActivityTaskCommandAttributes: { scheduledEventId },
});
