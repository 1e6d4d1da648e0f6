import { RunState } from '@duramesh/proto';
import { attributesOf, type EventName, eventName, type HistoryEvent } from './events.ts';
import type { ExecutionState } from './state.ts';

const CHILD_END: ReadonlySet<EventName | undefined> = new Set([
  'StartChildWorkflowExecutionFailed',
  'ChildWorkflowExecutionCompleted',
  'ChildWorkflowExecutionFailed',
  'ChildWorkflowExecutionCanceled',
  'ChildWorkflowExecutionTimedOut',
  'ChildWorkflowExecutionTerminated',
] satisfies EventName[]);

interface About {
  readonly initiatedEventId?: number | undefined;
}
/** The initiated event that an event is about. */
const initiatedBy = (name: EventName, event: HistoryEvent): number =>
  (attributesOf(name, event) as About).initiatedEventId ?? 0;

/** A child that was initiated is started at most once and ends at most once; what failed to start never was. */
export function checkChildren({ info, children }: ExecutionState, events: readonly HistoryEvent[]): readonly string[] {
  const broken: string[] = [];
  const pending = new Map<number, { startedEventId: number }>();
  for (const event of events) {
    const name = eventName(event.eventType);
    const { eventId = 0 } = event;
    if (name === undefined) continue;
    if (name === 'StartChildWorkflowExecutionInitiated') pending.set(eventId, { startedEventId: 0 });
    if (name !== 'ChildWorkflowExecutionStarted' && !CHILD_END.has(name)) continue;
    const initiatedEventId = initiatedBy(name, event);
    const child = pending.get(initiatedEventId);
    if (!child) {
      broken.push(`R8: event ${eventId} is about child ${initiatedEventId}, which is not pending`);
      continue;
    }
    const mayBeStarted = name !== 'ChildWorkflowExecutionStarted' && name !== 'StartChildWorkflowExecutionFailed';
    if (mayBeStarted !== child.startedEventId > 0) broken.push(`R8: event ${eventId} comes at the wrong time`);
    if (name === 'ChildWorkflowExecutionStarted') child.startedEventId = eventId;
    else pending.delete(initiatedEventId);
  }
  if (info.state === RunState.RUN_STATE_COMPLETED) return broken;
  for (const { initiatedEventId, startedEventId } of children.values()) {
    if (pending.get(initiatedEventId)?.startedEventId === startedEventId) continue;
    broken.push(`R8: child ${initiatedEventId} is not pending as history says`);
  }
  return broken;
}

const REQUEST_END: ReadonlySet<EventName | undefined> = new Set([
  'RequestCancelExternalWorkflowExecutionFailed',
  'ExternalWorkflowExecutionCancelRequested',
  'SignalExternalWorkflowExecutionFailed',
  'ExternalWorkflowExecutionSignaled',
] satisfies EventName[]);

/** A signal or a cancel request to another workflow comes to one thing. */
export function checkExternalRequests(
  { info, externalCancels, externalSignals }: ExecutionState,
  events: readonly HistoryEvent[],
): readonly string[] {
  const broken: string[] = [];
  const pending = new Set<number>();
  for (const event of events) {
    const name = eventName(event.eventType);
    const { eventId = 0 } = event;
    if (name === 'RequestCancelExternalWorkflowExecutionInitiated') pending.add(eventId);
    if (name === 'SignalExternalWorkflowExecutionInitiated') pending.add(eventId);
    if (name === undefined || !REQUEST_END.has(name)) continue;
    const initiatedEventId = initiatedBy(name, event);
    if (!pending.delete(initiatedEventId)) {
      broken.push(`R9: event ${eventId} is about request ${initiatedEventId}, which is not pending`);
    }
  }
  if (info.state === RunState.RUN_STATE_COMPLETED) return broken;
  for (const initiatedEventId of [...externalCancels.keys(), ...externalSignals.keys()]) {
    if (!pending.has(initiatedEventId)) broken.push(`R9: request ${initiatedEventId} is pending without an event`);
  }
  return broken;
}
