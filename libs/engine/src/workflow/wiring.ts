import { type Attributes, attributesOf, type EventName, eventName, type HistoryEvent } from './events.ts';

type Ending =
  | 'ActivityTaskCompleted'
  | 'ActivityTaskFailed'
  | 'ActivityTaskTimedOut'
  | 'ActivityTaskCanceled'
  | 'ChildWorkflowExecutionCompleted'
  | 'ChildWorkflowExecutionFailed'
  | 'ChildWorkflowExecutionCanceled'
  | 'ChildWorkflowExecutionTimedOut'
  | 'ChildWorkflowExecutionTerminated';

/**
 * Fills in the ids that buffered events could not know: a closing event names the started event flushed before it. One
 * whose started event had its id before names it already. One wiring serves one flush. @see spec-history 0.3
 */
export function wireFlushed(): (event: HistoryEvent) => HistoryEvent {
  /** By the event that began it: what scheduled the activity or initiated the child. */
  const startedByOrigin = new Map<number, number>();
  return (event) => {
    const name = eventName(event.eventType);
    switch (name) {
      case 'ActivityTaskStarted':
        startedByOrigin.set(attributesOf(name, event).scheduledEventId ?? 0, event.eventId ?? 0);
        return event;
      case 'ChildWorkflowExecutionStarted':
        startedByOrigin.set(attributesOf(name, event).initiatedEventId ?? 0, event.eventId ?? 0);
        return event;
      case 'ActivityTaskCompleted':
      case 'ActivityTaskFailed':
      case 'ActivityTaskTimedOut':
      case 'ActivityTaskCanceled':
      case 'ChildWorkflowExecutionCompleted':
      case 'ChildWorkflowExecutionFailed':
      case 'ChildWorkflowExecutionCanceled':
      case 'ChildWorkflowExecutionTimedOut':
      case 'ChildWorkflowExecutionTerminated': {
        const attributes = attributesOf(name, event);
        const startedEventId = startedByOrigin.get(originOf(attributes));
        return startedEventId === undefined ? event : withStarted(event, { name, attributes, startedEventId });
      }
      default:
        return event;
    }
  };
}

/** What scheduled the activity or initiated the child that ends. */
function originOf(attributes: Attributes<Ending>): number {
  const origin = 'initiatedEventId' in attributes ? attributes.initiatedEventId : scheduledBy(attributes);
  return origin ?? 0;
}
const scheduledBy = (attributes: Attributes<Ending>): number | undefined =>
  'scheduledEventId' in attributes ? attributes.scheduledEventId : undefined;

interface Wired {
  readonly name: EventName;
  readonly attributes: Attributes<Ending>;
  readonly startedEventId: number;
}
function withStarted(event: HistoryEvent, { name, attributes, startedEventId }: Wired): HistoryEvent {
  const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}EventAttributes`;
  return { ...event, [field]: { ...attributes, startedEventId } };
}
