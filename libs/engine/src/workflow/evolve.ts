import { must } from '@duramesh/runtime';
import type { Draft } from './draft.ts';
import { type Attributes, attributesOf, type EventName, eventName, type HistoryEvent } from './events.ts';
import { activityEvents } from './events/activity.ts';
import { childWorkflowEvents } from './events/child-workflow.ts';
import { externalWorkflowEvents } from './events/external-workflow.ts';
import { timeSkippingEvents } from './events/time-skipping.ts';
import { timerEvents } from './events/timer.ts';
import { workflowExecutionEvents } from './events/workflow-execution.ts';
import { workflowPauseEvents } from './events/workflow-pause.ts';
import { workflowPropertyEvents } from './events/workflow-properties.ts';
import { workflowTaskEvents } from './events/workflow-task.ts';
import { workflowUpdateEvents } from './events/workflow-update.ts';

/** What one type of event means for the state of a run. */
export interface EventMeaning<N extends EventName> {
  /**
   * Runs when the event happens: at once, also when the event waits in the buffer for its id (eventId is then absent).
   */
  readonly apply?: (draft: Draft, attributes: Attributes<N>, event: HistoryEvent) => void;
  /** Runs when the event has its id: right after `apply` for events that never wait, at the flush for buffered ones. */
  readonly numbered?: (draft: Draft, attributes: Attributes<N>, event: HistoryEvent) => void;
}

export type EventFamily<N extends EventName> = { readonly [K in N]: EventMeaning<K> };

/** One line per event type. Forgetting one does not compile. */
const meanings: EventFamily<EventName> = {
  ...workflowExecutionEvents,
  ...workflowTaskEvents,
  ...workflowPropertyEvents,
  ...workflowPauseEvents,
  ...workflowUpdateEvents,
  ...activityEvents,
  ...timerEvents,
  ...childWorkflowEvents,
  ...externalWorkflowEvents,
  ...timeSkippingEvents,
};

function meaningOf(event: HistoryEvent): { name: EventName; meaning: EventMeaning<EventName> } {
  const name = must(eventName(event.eventType), `event type ${event.eventType} has no meaning here`);
  return { name, meaning: meanings[name] as EventMeaning<EventName> };
}

/**
 * The only place that says what an event means. The live path, rebuild, reset and fsck all come through here,
 * so they cannot disagree.
 */
export function evolve(draft: Draft, event: HistoryEvent): void {
  const { name, meaning } = meaningOf(event);
  meaning.apply?.(draft, attributesOf(name, event), event);
}

export function numbered(draft: Draft, event: HistoryEvent): void {
  const { name, meaning } = meaningOf(event);
  meaning.numbered?.(draft, attributesOf(name, event), event);
}
