import { EVENT_TYPES, type HistoryEvent } from '@duramesh/engine';
import { toPayloads } from '../payloads.ts';
import { planOf, startOptionsOf, type WorkflowPlan } from '../plan/workflow-plan.ts';
import { activityCommands } from './activity-commands.ts';
import { type Command, COMMAND, seconds } from './command.ts';
import { end } from './end.ts';
import { letGo } from './let-go.ts';
import { tell } from './tell.ts';

/** The workflow code: the same commands for the same history, whoever runs it and however often. */
export function decide(events: readonly HistoryEvent[]): readonly Command[] {
  const plan = planOf(events);
  const count = (type: number): number => events.filter((event) => event.eventType === type).length;
  if (count(EVENT_TYPES.WorkflowExecutionCancelRequested) > 0) {
    return [{ commandType: COMMAND.cancelWorkflow, cancelWorkflowExecutionCommandAttributes: {} }];
  }
  const isNew = count(EVENT_TYPES.MarkerRecorded) === 0;
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const isDone =
    endedActivities(events) === activityCommands(plan).length &&
    firedTimers(events) === plan.timersMs.length &&
    // Who retries it, or its cron schedule, does not signal once more.
    (started?.continuedExecutionRunId || count(EVENT_TYPES.WorkflowExecutionSignaled) >= plan.signals) &&
    (!plan.awaitsChildren || endedChildren(events) === plan.children.length);
  const first = isNew ? begin(plan, started?.workflowId ?? '') : letGo(events);
  return [...first, ...tell(events, plan), ...signalChildren(events, plan), ...(isDone ? end(events, plan) : [])];
}

const ACTIVITY_ENDS: ReadonlySet<number> = new Set([
  EVENT_TYPES.ActivityTaskCompleted,
  EVENT_TYPES.ActivityTaskFailed,
  EVENT_TYPES.ActivityTaskTimedOut,
  EVENT_TYPES.ActivityTaskCanceled,
]);
const endedActivities = (events: readonly HistoryEvent[]): number =>
  events.filter(({ eventType = 0 }) => ACTIVITY_ENDS.has(eventType)).length;

const firedTimers = (events: readonly HistoryEvent[]): number =>
  events.filter(({ timerFiredEventAttributes: fired }) => fired?.timerId?.startsWith('timer-')).length;

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
  const timers = plan.timersMs.map((durationMs, i) => startTimer(`timer-${i}`, durationMs));
  const dropped = Array.from({ length: plan.more?.droppedTimers ?? 0 }, (_, i) => startTimer(`dropped-${i}`, 30_000));
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
      ...startOptionsOf(child),
    },
  }));
  const signals = plan.signalsTo === undefined ? [] : [signalTo(plan.signalsTo, false)];
  const cancels = plan.cancels === undefined ? [] : [cancelOf(plan.cancels)];
  return [marker, ...activityCommands(plan), ...timers, ...dropped, ...children, ...signals, ...cancels];
}

const startTimer = (timerId: string, durationMs: number): Command => ({
  commandType: COMMAND.startTimer,
  startTimerCommandAttributes: { timerId, startToFireTimeout: seconds(durationMs) },
});

const cancelOf = (workflowId: string): Command => ({
  commandType: COMMAND.cancelExternal,
  requestCancelExternalWorkflowExecutionCommandAttributes: { workflowId },
});
