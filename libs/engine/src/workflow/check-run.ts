import { RunState, UpdateStage } from '@duramesh/proto';
import { checkChildren, checkExternalRequests } from './check-others.ts';
import { attributesOf, type EventName, eventName, fromTimestamp, type HistoryEvent } from './events.ts';
import type { ExecutionState } from './state.ts';
import { inheritedSkipMs, skippedMs } from './time-skipping.ts';

const CLOSE: ReadonlySet<EventName | undefined> = new Set([
  'WorkflowExecutionCompleted',
  'WorkflowExecutionFailed',
  'WorkflowExecutionTimedOut',
  'WorkflowExecutionCanceled',
  'WorkflowExecutionTerminated',
  'WorkflowExecutionContinuedAsNew',
] satisfies EventName[]);

const TASK_END: ReadonlySet<EventName | undefined> = new Set([
  'WorkflowTaskCompleted',
  'WorkflowTaskFailed',
  'WorkflowTaskTimedOut',
] satisfies EventName[]);

/**
 * The invariants of a run and its whole history, for simulation, chaos tests and fsck. Numbers as in SPEC.md.
 * @returns what is broken, in words; empty when all is well
 */
export function checkRun(state: ExecutionState, events: readonly HistoryEvent[]): readonly string[] {
  return [
    ...checkIds(state, events),
    ...checkClose(state, events),
    ...checkWorkflowTasks(state, events),
    ...checkActivities(state, events),
    ...checkTimers(state, events),
    ...checkChildren(state, events),
    ...checkExternalRequests(state, events),
    ...checkBuffer(state),
    ...checkClock(state, events),
    ...checkUpdates(state, events),
  ];
}

function checkIds({ info }: ExecutionState, events: readonly HistoryEvent[]): readonly string[] {
  const broken: string[] = [];
  events.forEach((event, i) => {
    if (event.eventId !== i + 1) broken.push(`R1: event ${event.eventId} stands at place ${i + 1}`);
  });
  if (eventName(events[0]?.eventType) !== 'WorkflowExecutionStarted') broken.push('R1: the first event is no start');
  if (info.nextEventId !== events.length + 1) {
    broken.push(`R1: the next event is ${info.nextEventId} after ${events.length} events`);
  }
  return broken;
}

function checkClose({ info }: ExecutionState, events: readonly HistoryEvent[]): readonly string[] {
  const closings = events.filter((event) => CLOSE.has(eventName(event.eventType)));
  const isClosed = info.state === RunState.RUN_STATE_COMPLETED;
  if (!isClosed) return closings.length > 0 ? ['R2: an open run has a close event'] : [];
  if (closings.length !== 1) return [`R2: a closed run has ${closings.length} close events`];
  return closings[0] === events.at(-1) ? [] : ['R2: something comes after the close event'];
}

/** While a worker looks at the history, nothing may come between its start and its end. */
function checkWorkflowTasks({ info }: ExecutionState, events: readonly HistoryEvent[]): readonly string[] {
  const broken: string[] = [];
  let scheduled = 0;
  let started = 0;
  for (const event of events) {
    const name = eventName(event.eventType);
    const { eventId } = event;
    if (started > 0 && !TASK_END.has(name)) broken.push(`R3: event ${eventId} comes inside workflow task ${started}`);
    if (name === 'WorkflowTaskScheduled') {
      if (scheduled > 0) broken.push(`R3: event ${eventId} schedules a second workflow task`);
      scheduled = eventId ?? 0;
    }
    if (name === 'WorkflowTaskStarted') {
      if (scheduled === 0) broken.push(`R3: event ${eventId} starts a workflow task that was not scheduled`);
      started = eventId ?? 0;
    }
    if (TASK_END.has(name)) {
      scheduled = 0;
      started = 0;
    }
  }
  const task = info.workflowTask;
  const isOpen = info.state !== RunState.RUN_STATE_COMPLETED;
  if (isOpen && (task?.inHistory ? task.scheduledEventId : 0) !== scheduled) {
    broken.push(`R3: history says that task ${scheduled} is pending, the state says ${task?.scheduledEventId ?? 0}`);
  }
  return broken;
}

function checkActivities({ info, activities }: ExecutionState, events: readonly HistoryEvent[]): readonly string[] {
  const broken: string[] = [];
  const pending = new Set<number>();
  for (const event of events) {
    const name = eventName(event.eventType);
    if (name === 'ActivityTaskScheduled') pending.add(event.eventId ?? 0);
    const ended = endedActivity(name, event);
    if (ended !== undefined && !pending.delete(ended)) {
      broken.push(`R4: event ${event.eventId} ends activity ${ended}, which is not pending`);
    }
  }
  if (info.state === RunState.RUN_STATE_COMPLETED) return broken;
  for (const id of activities.keys())
    if (!pending.has(id)) broken.push(`R4: activity ${id} is pending without an event`);
  return broken;
}

function endedActivity(name: EventName | undefined, event: HistoryEvent): number | undefined {
  switch (name) {
    case 'ActivityTaskCompleted':
    case 'ActivityTaskFailed':
    case 'ActivityTaskTimedOut':
    case 'ActivityTaskCanceled':
      return attributesOf(name, event).scheduledEventId ?? 0;
    default:
      return undefined;
  }
}

/** By started event: an id may be used again as soon as its timer has fired, before history tells of it. */
function checkTimers({ info, timers }: ExecutionState, events: readonly HistoryEvent[]): readonly string[] {
  const broken: string[] = [];
  const pending = new Set<number>();
  for (const event of events) {
    const name = eventName(event.eventType);
    if (name === 'TimerStarted') pending.add(event.eventId ?? 0);
    if (name !== 'TimerFired' && name !== 'TimerCanceled') continue;
    const { timerId, startedEventId = 0 } = attributesOf(name, event);
    if (!pending.delete(startedEventId)) {
      broken.push(`R5: event ${event.eventId} ends timer ${timerId}, which is not pending`);
    }
  }
  if (info.state === RunState.RUN_STATE_COMPLETED) return broken;
  for (const { timerId, startedEventId } of timers.values())
    if (!pending.has(startedEventId)) broken.push(`R5: timer ${timerId} is pending without an event`);
  return broken;
}

function checkBuffer({ info, buffered }: ExecutionState): readonly string[] {
  if (buffered.size === 0) return [];
  if (info.state === RunState.RUN_STATE_COMPLETED) return ['R6: events wait for ids in a closed run'];
  const isStarted = (info.workflowTask?.startedEventId ?? 0) > 0;
  return isStarted ? [] : ['R6: events wait for ids although no workflow task is started'];
}

/** The clock of a run may move ahead of the real one while nobody works for it, and is where its history says. */
function checkClock({ info, buffered }: ExecutionState, events: readonly HistoryEvent[]): readonly string[] {
  const broken: string[] = [];
  let isAtWork = false;
  let skipped = 0;
  for (const event of [...events, ...buffered.values()]) {
    const name = eventName(event.eventType);
    if (name === 'WorkflowExecutionStarted') skipped = inheritedSkipMs(attributesOf(name, event));
    if (name === 'WorkflowTaskScheduled') isAtWork = true;
    if (TASK_END.has(name)) isAtWork = false;
    if (name !== 'WorkflowExecutionTimeSkippingTransitioned') continue;
    const { targetTime } = attributesOf(name, event);
    if (!targetTime) continue;
    if (isAtWork) broken.push(`R7: event ${event.eventId} skips time while a workflow task is pending`);
    skipped += fromTimestamp(targetTime) - fromTimestamp(event.eventTime);
  }
  if (skipped !== skippedMs(info)) broken.push(`R7: ${skipped} ms were skipped, the state says ${skippedMs(info)}`);
  return broken;
}

/** An update is accepted at most once, and completed at most once after that. */
function checkUpdates({ info, updates }: ExecutionState, events: readonly HistoryEvent[]): readonly string[] {
  const broken: string[] = [];
  const accepted = new Set<string>();
  const completed = new Set<string>();
  for (const event of events) {
    const name = eventName(event.eventType);
    if (name === 'WorkflowExecutionUpdateAccepted') {
      const { protocolInstanceId: id = '' } = attributesOf(name, event);
      if (accepted.has(id)) broken.push(`R10: event ${event.eventId} accepts update ${id} again`);
      accepted.add(id);
    }
    if (name === 'WorkflowExecutionUpdateCompleted') {
      const id = attributesOf(name, event).meta?.updateId ?? '';
      if (!accepted.has(id)) broken.push(`R10: event ${event.eventId} completes update ${id}, which was not accepted`);
      if (completed.has(id)) broken.push(`R10: event ${event.eventId} completes update ${id} again`);
      completed.add(id);
    }
  }
  if (info.completedUpdateCount !== completed.size) {
    broken.push(`R10: ${completed.size} updates were completed, the state says ${info.completedUpdateCount}`);
  }
  for (const [id, { stage }] of updates) {
    const isTold = stage === UpdateStage.UPDATE_STAGE_ADMITTED || accepted.has(id);
    if (!isTold) broken.push(`R10: update ${id} is accepted without an event`);
  }
  return broken;
}
