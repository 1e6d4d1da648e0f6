import { attributesOf, EVENT_TYPES, eventName, type HistoryEvent } from './events.ts';

/**
 * Fills in the ids that buffered events could not know: a closing event names the started event flushed before it.
 * One wiring serves one flush. @see spec-history 0.3
 */
export function wireFlushed(): (event: HistoryEvent) => HistoryEvent {
  const startedBySchedule = new Map<number, number>();
  return (event) => {
    if (event.eventType === EVENT_TYPES.ActivityTaskStarted) {
      const { scheduledEventId } = attributesOf('ActivityTaskStarted', event);
      startedBySchedule.set(scheduledEventId ?? 0, event.eventId ?? 0);
      return event;
    }
    const name = eventName(event.eventType);
    switch (name) {
      case 'ActivityTaskCompleted':
      case 'ActivityTaskFailed':
      case 'ActivityTaskTimedOut':
      case 'ActivityTaskCanceled': {
        const attributes = attributesOf(name, event);
        const startedEventId = startedBySchedule.get(attributes.scheduledEventId ?? 0);
        if (startedEventId === undefined) return event;
        const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}EventAttributes`;
        return { ...event, [field]: { ...attributes, startedEventId } };
      }
      default:
        return event;
    }
  };
}
