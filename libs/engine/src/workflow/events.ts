import type { Plain, temporal } from '@duramesh/proto';

/** What happened, as clients read it. Never changes once it has its id. */
export type HistoryEvent = Plain<temporal.api.history.v1.IHistoryEvent>;

/** Every event of the API by name. @see temporal.api.enums.v1.EventType */
export const EVENT_TYPES = {
  WorkflowExecutionStarted: 1,
  WorkflowExecutionCompleted: 2,
  WorkflowExecutionFailed: 3,
  WorkflowExecutionTimedOut: 4,
  WorkflowTaskScheduled: 5,
  WorkflowTaskStarted: 6,
  WorkflowTaskCompleted: 7,
  WorkflowTaskTimedOut: 8,
  WorkflowTaskFailed: 9,
  ActivityTaskScheduled: 10,
  ActivityTaskStarted: 11,
  ActivityTaskCompleted: 12,
  ActivityTaskFailed: 13,
  ActivityTaskTimedOut: 14,
  ActivityTaskCancelRequested: 15,
  ActivityTaskCanceled: 16,
  TimerStarted: 17,
  TimerFired: 18,
  TimerCanceled: 19,
  WorkflowExecutionCancelRequested: 20,
  WorkflowExecutionCanceled: 21,
  RequestCancelExternalWorkflowExecutionInitiated: 22,
  RequestCancelExternalWorkflowExecutionFailed: 23,
  ExternalWorkflowExecutionCancelRequested: 24,
  MarkerRecorded: 25,
  WorkflowExecutionSignaled: 26,
  WorkflowExecutionTerminated: 27,
  WorkflowExecutionContinuedAsNew: 28,
  StartChildWorkflowExecutionInitiated: 29,
  StartChildWorkflowExecutionFailed: 30,
  ChildWorkflowExecutionStarted: 31,
  ChildWorkflowExecutionCompleted: 32,
  ChildWorkflowExecutionFailed: 33,
  ChildWorkflowExecutionCanceled: 34,
  ChildWorkflowExecutionTimedOut: 35,
  ChildWorkflowExecutionTerminated: 36,
  SignalExternalWorkflowExecutionInitiated: 37,
  SignalExternalWorkflowExecutionFailed: 38,
  ExternalWorkflowExecutionSignaled: 39,
  UpsertWorkflowSearchAttributes: 40,
  WorkflowExecutionUpdateAccepted: 41,
  WorkflowExecutionUpdateCompleted: 43,
  WorkflowPropertiesModified: 46,
  WorkflowExecutionUpdateAdmitted: 47,
  WorkflowExecutionOptionsUpdated: 55,
  WorkflowExecutionTimeSkippingTransitioned: 60,
  WorkflowExecutionPaused: 58,
  WorkflowExecutionUnpaused: 59,
} as const;

export type EventName = keyof typeof EVENT_TYPES;
type AttributesField<N extends EventName> = `${Uncapitalize<N>}EventAttributes`;
export type Attributes<N extends EventName> = NonNullable<HistoryEvent[AttributesField<N>]>;

const NAMES = new Map<number, EventName>(
  (Object.keys(EVENT_TYPES) as EventName[]).map((name) => [EVENT_TYPES[name], name]),
);

/** undefined for event types this engine does not know. */
export const eventName = (eventType: number | undefined): EventName | undefined => NAMES.get(eventType ?? 0);

const FIELDS = Object.fromEntries(
  (Object.keys(EVENT_TYPES) as EventName[]).map((name) => [
    name,
    `${name.charAt(0).toLowerCase()}${name.slice(1)}EventAttributes`,
  ]),
) as { readonly [N in EventName]: AttributesField<N> };

export function attributesOf<N extends EventName>(name: N, event: HistoryEvent): Attributes<N> {
  return (event[FIELDS[name]] ?? {}) as Attributes<N>;
}

/** The parts of an event beside its attributes. */
export type EventEnvelope = Pick<HistoryEvent, 'userMetadata' | 'links' | 'workerMayIgnore' | 'eventGroupMarkers'>;

export function makeEvent<N extends EventName>(
  name: N,
  attributes: Attributes<N>,
  envelope: EventEnvelope & { readonly eventTimeMs: number },
): HistoryEvent {
  const { eventTimeMs, ...rest } = envelope;
  return {
    ...rest,
    eventType: EVENT_TYPES[name],
    eventTime: toTimestamp(eventTimeMs),
    [FIELDS[name]]: attributes,
  };
}

/** Answers that end something a worker waits for are told after everything else. @see spec-history 0.3 */
const TERMINAL: ReadonlySet<EventName> = new Set([
  'ActivityTaskCompleted',
  'ActivityTaskFailed',
  'ActivityTaskTimedOut',
  'ActivityTaskCanceled',
  'ChildWorkflowExecutionCompleted',
  'ChildWorkflowExecutionFailed',
  'ChildWorkflowExecutionCanceled',
  'ChildWorkflowExecutionTimedOut',
  'ChildWorkflowExecutionTerminated',
] satisfies EventName[]);
export const endsSomething = (name: EventName): boolean => TERMINAL.has(name);

/** Events that wait for the running workflow task to end; all others get their id at once. @see spec-history 0.3 */
const BUFFERED = [
  'ActivityTaskStarted',
  'ActivityTaskCompleted',
  'ActivityTaskFailed',
  'ActivityTaskTimedOut',
  'ActivityTaskCanceled',
  'TimerFired',
  'StartChildWorkflowExecutionFailed',
  'ChildWorkflowExecutionStarted',
  'ChildWorkflowExecutionCompleted',
  'ChildWorkflowExecutionFailed',
  'ChildWorkflowExecutionCanceled',
  'ChildWorkflowExecutionTimedOut',
  'ChildWorkflowExecutionTerminated',
  'RequestCancelExternalWorkflowExecutionFailed',
  'ExternalWorkflowExecutionCancelRequested',
  'SignalExternalWorkflowExecutionFailed',
  'ExternalWorkflowExecutionSignaled',
  'WorkflowExecutionCancelRequested',
  'WorkflowExecutionSignaled',
  'WorkflowExecutionOptionsUpdated',
  'WorkflowExecutionUpdateAdmitted',
  'WorkflowExecutionTimeSkippingTransitioned',
  'WorkflowExecutionPaused',
  'WorkflowExecutionUnpaused',
] as const satisfies EventName[];
export type BufferedName = (typeof BUFFERED)[number];
export type ImmediateName = Exclude<EventName, BufferedName>;

export type Timestamp = Plain<temporal.api.history.v1.IHistoryEvent>['eventTime'];

export function toTimestamp(timeMs: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.floor(timeMs / 1000);
  return { seconds, nanos: Math.round((timeMs - seconds * 1000) * 1e6) };
}
/** Whole milliseconds; absent is 0. */
export function fromTimestamp(time: Timestamp): number {
  return time === undefined ? 0 : (time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1e6);
}

export type Duration = { readonly seconds?: number | undefined; readonly nanos?: number | undefined };
export function toDuration(durationMs: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.trunc(durationMs / 1000);
  return { seconds, nanos: Math.round((durationMs - seconds * 1000) * 1e6) };
}
/** A century is as good as none, and sums with it must stay dates. */
export const LONGEST_DURATION_MS = 100 * 365 * 86_400_000;

/** Whole milliseconds, a century at most, rounded away from zero so that no wait is cut short; absent is 0. */
export function fromDuration(duration: Duration | undefined): number {
  if (duration === undefined) return 0;
  const nanosMs = (duration.nanos ?? 0) / 1e6;
  const ms = (duration.seconds ?? 0) * 1000 + (nanosMs < 0 ? Math.floor(nanosMs) : Math.ceil(nanosMs));
  return Math.max(-LONGEST_DURATION_MS, Math.min(ms, LONGEST_DURATION_MS));
}
