import { EVENT_TYPES, type HistoryEvent } from '@duramesh/engine';
import type { Plain, temporal } from '@duramesh/proto';

export type Command = Plain<temporal.api.command.v1.ICommand>;
type Payloads = Plain<temporal.api.common.v1.IPayloads>;

/** What a simulated workflow is to do before it ends; its input. */
export interface WorkflowPlan {
  readonly activities: number;
  readonly timersMs: readonly number[];
  /** Signals it waits for. */
  readonly signals: number;
  /** Updates it is sent; it does not wait for them. */
  readonly updates: number;
  /** It is started together with the first of them. */
  readonly startsWithUpdate: boolean;
  /** Times it continues as new before it completes. */
  readonly generations: number;
  readonly taskQueue: string;
  /** Its timers are not waited for. */
  readonly skipsTime: boolean;
  readonly children: readonly WorkflowPlan[];
  /** It ends only after all its children have. */
  readonly awaitsChildren: boolean;
  /** temporal.api.enums.v1.ParentClosePolicy of its children */
  readonly closePolicy: number;
  /** Another workflow that it signals, and one that it cancels, whether they are there or not. */
  readonly signalsTo: string | undefined;
  readonly cancels: string | undefined;
}

const COMMAND = {
  scheduleActivity: 1,
  startTimer: 3,
  complete: 4,
  cancelWorkflow: 7,
  cancelExternal: 8,
  recordMarker: 9,
  continueAsNew: 10,
  startChild: 11,
  signalExternal: 12,
} as const;

const utf8 = new TextEncoder();
const text = new TextDecoder();

export function toPayloads(value: unknown): Payloads {
  const metadata = { encoding: utf8.encode('json/plain') };
  return { payloads: [{ metadata, data: utf8.encode(JSON.stringify(value)) }] };
}

export function fromPayloads(payloads: Payloads | undefined): unknown {
  const data = payloads?.payloads?.[0]?.data;
  return data === undefined ? undefined : JSON.parse(text.decode(data));
}

const seconds = (durationMs: number): { seconds: number; nanos: number } => ({
  seconds: Math.floor(durationMs / 1000),
  nanos: (durationMs % 1000) * 1e6,
});

export const planOf = (events: readonly HistoryEvent[]): WorkflowPlan =>
  fromPayloads(events[0]?.workflowExecutionStartedEventAttributes?.input) as WorkflowPlan;

/** The workflow code: the same commands for the same history, whoever runs it and however often. */
export function decide(events: readonly HistoryEvent[]): readonly Command[] {
  const plan = planOf(events);
  const count = (type: number): number => events.filter((event) => event.eventType === type).length;
  if (count(EVENT_TYPES.WorkflowExecutionCancelRequested) > 0) {
    return [{ commandType: COMMAND.cancelWorkflow, cancelWorkflowExecutionCommandAttributes: {} }];
  }
  const isNew = count(EVENT_TYPES.MarkerRecorded) === 0;
  const isDone =
    count(EVENT_TYPES.ActivityTaskCompleted) === plan.activities &&
    count(EVENT_TYPES.TimerFired) === plan.timersMs.length &&
    count(EVENT_TYPES.WorkflowExecutionSignaled) >= plan.signals &&
    (!plan.awaitsChildren || endedChildren(events) === plan.children.length);
  const workflowId = events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '';
  return [...(isNew ? begin(plan, workflowId) : []), ...signalChildren(events, plan), ...(isDone ? end(plan) : [])];
}

const CHILD_ENDS: ReadonlySet<number> = new Set([
  EVENT_TYPES.StartChildWorkflowExecutionFailed,
  EVENT_TYPES.ChildWorkflowExecutionCompleted,
  EVENT_TYPES.ChildWorkflowExecutionFailed,
  EVENT_TYPES.ChildWorkflowExecutionCanceled,
  EVENT_TYPES.ChildWorkflowExecutionTimedOut,
  EVENT_TYPES.ChildWorkflowExecutionTerminated,
]);
const endedChildren = (events: readonly HistoryEvent[]): number =>
  events.filter(({ eventType = 0 }) => CHILD_ENDS.has(eventType)).length;

/** Each child that waits for a signal gets one, once it is known to be there. */
function signalChildren(events: readonly HistoryEvent[], plan: WorkflowPlan): readonly Command[] {
  const signaled = new Set<string>();
  const waiting: string[] = [];
  for (const event of events) {
    const sent = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
    if (sent?.childWorkflowOnly) signaled.add(sent.workflowExecution?.workflowId ?? '');
    const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId;
    if (child !== undefined && (plan.children[Number(child.split('-').at(-1))]?.signals ?? 0) > 0) waiting.push(child);
  }
  return waiting.filter((child) => !signaled.has(child)).map((child) => signalTo(child, true));
}

const signalTo = (workflowId: string, childWorkflowOnly: boolean): Command => ({
  commandType: COMMAND.signalExternal,
  signalExternalWorkflowExecutionCommandAttributes: { execution: { workflowId }, signalName: 'go', childWorkflowOnly },
});

function begin(plan: WorkflowPlan, workflowId: string): readonly Command[] {
  const activities = Array.from({ length: plan.activities }, (_, i) => ({
    commandType: COMMAND.scheduleActivity,
    scheduleActivityTaskCommandAttributes: {
      activityId: `activity-${i}`,
      activityType: { name: 'effect' },
      taskQueue: { name: plan.taskQueue },
      input: toPayloads(i),
      startToCloseTimeout: seconds(6_000),
      heartbeatTimeout: seconds(4_000),
    },
  }));
  const timers = plan.timersMs.map((durationMs, i) => ({
    commandType: COMMAND.startTimer,
    startTimerCommandAttributes: { timerId: `timer-${i}`, startToFireTimeout: seconds(durationMs) },
  }));
  const marker = { commandType: COMMAND.recordMarker, recordMarkerCommandAttributes: { markerName: 'begun' } };
  const children = plan.children.map((child, i) => ({
    commandType: COMMAND.startChild,
    startChildWorkflowExecutionCommandAttributes: {
      workflowId: `${workflowId}-child-${plan.generations}-${i}`,
      workflowType: { name: 'plan' },
      taskQueue: { name: plan.taskQueue },
      input: toPayloads(child),
      workflowTaskTimeout: seconds(5_000),
      parentClosePolicy: plan.closePolicy,
    },
  }));
  const signals = plan.signalsTo === undefined ? [] : [signalTo(plan.signalsTo, false)];
  const cancels = plan.cancels === undefined ? [] : [cancelOf(plan.cancels)];
  return [marker, ...activities, ...timers, ...children, ...signals, ...cancels];
}

const cancelOf = (workflowId: string): Command => ({
  commandType: COMMAND.cancelExternal,
  requestCancelExternalWorkflowExecutionCommandAttributes: { workflowId },
});

function end(plan: WorkflowPlan): readonly Command[] {
  if (plan.generations === 0) {
    const attributes = { result: toPayloads('done') };
    return [{ commandType: COMMAND.complete, completeWorkflowExecutionCommandAttributes: attributes }];
  }
  // Signals were for the first run: those that follow wait for none.
  const input = toPayloads({ ...plan, signals: 0, generations: plan.generations - 1 });
  const continueAsNewWorkflowExecutionCommandAttributes = {
    workflowType: { name: 'plan' },
    taskQueue: { name: plan.taskQueue },
    input,
  };
  return [{ commandType: COMMAND.continueAsNew, continueAsNewWorkflowExecutionCommandAttributes }];
}
