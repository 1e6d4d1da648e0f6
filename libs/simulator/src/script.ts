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
  /** Times it continues as new before it completes. */
  readonly generations: number;
  readonly taskQueue: string;
  /** Its timers are not waited for. */
  readonly skipsTime: boolean;
}

const COMMAND = {
  scheduleActivity: 1,
  startTimer: 3,
  complete: 4,
  cancelWorkflow: 7,
  recordMarker: 9,
  continueAsNew: 10,
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
    count(EVENT_TYPES.WorkflowExecutionSignaled) >= plan.signals;
  return [...(isNew ? begin(plan) : []), ...(isDone ? end(plan) : [])];
}

function begin(plan: WorkflowPlan): readonly Command[] {
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
  return [marker, ...activities, ...timers];
}

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
