import { assert, must } from '@duramesh/runtime';
import { type ExecutionInfo, RunState, type WorkflowTaskInfo } from '@duramesh/proto';
import type { HeldWorkflowTask } from './commands.ts';
import type { StartedWorkflowTask } from './started-task.ts';
import type { Draft } from './draft.ts';
import { type Attributes, type HistoryEvent, makeEvent, toDuration } from './events.ts';
import type { TaskDraft } from './tasks.ts';
import { requestMessage } from './update-messages.ts';
import { directiveOf } from './effective-version.ts';
import { sendUpdates } from './updates.ts';

const KIND_NORMAL = 1;
const KIND_STICKY = 2;
const STATUS_RUNNING = 1;
const STATUS_PAUSED = 8;
const EXTRA_FROM_ATTEMPT = 4;
const HISTORY_SIZE_TOO_LARGE = 1;
const TOO_MANY_HISTORY_EVENTS = 2;
const TOO_MANY_UPDATES = 3;

/** The tail of every outside change: a worker must hear of it, unless one will anyway. @see spec-history 0.5 */
export function ensureWorkflowTask(draft: Draft): void {
  const { awaitedParent } = draft.info;
  // It comes once the parent has recorded that this child was started.
  if (awaitedParent) draft.info.awaitedParent = { ...awaitedParent, taskWanted: true };
  if (awaitedParent || !draft.isOpen || draft.info.workflowTask !== undefined || draft.info.status === STATUS_PAUSED)
    return;
  scheduleWorkflowTask(draft);
}

/** As `ensureWorkflowTask`, for changes that do not end a start delay or a cron wait. */
export function ensureWorkflowTaskUnlessWaiting(draft: Draft): void {
  if (draft.info.state === RunState.RUN_STATE_CREATED) return;
  ensureWorkflowTask(draft);
}

/** A workflow task that keeps failing is given ever more time, so that its worker is asked ever more rarely. */
function timeoutMs(draft: Draft, attempt: number): number {
  const { workflowTaskTimeoutMs } = draft.info;
  if (attempt < EXTRA_FROM_ATTEMPT) return workflowTaskTimeoutMs;
  const extraMs = Math.min(5_000 * 2 ** (attempt - EXTRA_FROM_ATTEMPT), 600_000);
  return workflowTaskTimeoutMs + Math.round(extraMs * (0.8 + 0.2 * draft.environment.chance));
}

export interface Scheduling {
  /** Carried along a chain of heartbeats. */
  readonly originalScheduledMs?: number;
  readonly dispatch?: boolean;
  /** For updates only, and in memory only until something is written. */
  readonly speculative?: boolean;
}

/** Schedules a workflow task. There must be none. @see spec-history 2.2 */
export function scheduleWorkflowTask(draft: Draft, scheduling: Scheduling = {}): void {
  const { info, environment } = draft;
  const { originalScheduledMs = draft.now, dispatch = true, speculative = false } = scheduling;
  assert(!speculative || !draft.hasBuffered, 'events that wait need a workflow task that is written');
  if (draft.hasBuffered) {
    info.nextWorkflowTaskAttempt = 1;
    draft.flushBuffer();
  }
  const attempt = speculative ? 1 : info.nextWorkflowTaskAttempt;
  const queue = info.sticky;
  const untakenMs = speculative ? environment.limits.speculativeScheduleToStartMs : 0;
  info.workflowTask = {
    scheduledEventId: info.nextEventId,
    startedEventId: 0,
    requestId: '',
    attempt,
    timeoutMs: timeoutMs(draft, attempt),
    scheduledMs: draft.now,
    originalScheduledMs,
    startedMs: 0,
    stamp: speculative ? freshStamp(draft) : 0,
    suggestContinueAsNew: false,
    suggestContinueAsNewReasons: [],
    historySizeBytes: 0,
    taskQueue: queue?.name ?? info.taskQueue,
    sticky: queue !== undefined,
    scheduleToStartTimeoutMs: queue?.scheduleToStartTimeoutMs ?? untakenMs,
    identity: '',
    inHistory: false,
    speculative,
    targetVersionChanged: false,
  };
  if (!speculative) beginRunning(draft, info.workflowTask);
  if (dispatch) draft.tasks.push(...dispatchOf(info));
}

/** Another task may have the event ids of a speculative one, or have had them: matching must not take one for the other. */
function freshStamp({ info }: Draft): number {
  info.lastStamp += 1;
  return info.lastStamp;
}

/** A wait for the first workflow task is over once there is one that lasts. */
function beginRunning(draft: Draft, task: WorkflowTaskInfo): void {
  const { info } = draft;
  info.state = RunState.RUN_STATE_RUNNING;
  info.backoffUntilMs = 0;
  if (task.attempt === 1) writeScheduled(draft, task);
}

function scheduledAttributes(task: WorkflowTaskInfo, normalName: string): Attributes<'WorkflowTaskScheduled'> {
  return {
    taskQueue: task.sticky
      ? { name: task.taskQueue, kind: KIND_STICKY, normalName }
      : { name: task.taskQueue, kind: KIND_NORMAL },
    startToCloseTimeout: toDuration(task.timeoutMs),
    attempt: task.attempt,
  };
}

function startedAttributes(task: WorkflowTaskInfo): Attributes<'WorkflowTaskStarted'> {
  return {
    scheduledEventId: task.scheduledEventId,
    identity: task.identity,
    requestId: task.requestId,
    suggestContinueAsNew: task.suggestContinueAsNew,
    suggestContinueAsNewReasons: task.suggestContinueAsNewReasons,
    historySizeBytes: task.historySizeBytes,
    targetWorkerDeploymentVersionChanged: task.targetVersionChanged,
  };
}

/** In its own time: a transient task is written when it completes, as it was handed out. */
function writeScheduled(draft: Draft, task: WorkflowTaskInfo): void {
  draft.emit('WorkflowTaskScheduled', scheduledAttributes(task, draft.info.taskQueue), {
    eventTimeMs: task.scheduledMs,
  });
}

function writeStarted(draft: Draft, task: WorkflowTaskInfo): void {
  draft.emit('WorkflowTaskStarted', startedAttributes(task), { eventTimeMs: task.startedMs });
  // What a worker is sent ends with this event, so its batch does too.
  draft.startBatch();
}

/**
 * A speculative task becomes one as any other: it has its events, and lasts. As in the reference, its started event names who
 * has it written, not who took the task. @see spec-history 2.9
 */
export function makeNormal(draft: Draft, identity = ''): void {
  const { info } = draft;
  const task = must(info.workflowTask, 'a workflow task that is made to last must be pending');
  const scheduleToStartTimeoutMs = task.sticky ? task.scheduleToStartTimeoutMs : 0;
  info.workflowTask = { ...task, scheduleToStartTimeoutMs };
  writeScheduled(draft, task);
  if (task.startedEventId > 0) writeStarted(draft, { ...task, identity });
}

/** Something is written while a speculative task is pending: it is written too. One that this very transition made is not. */
export function settleSpeculative(draft: Draft): void {
  const { info, base } = draft;
  const task = info.workflowTask;
  if (!task?.speculative) return;
  if (!draft.isOpen) {
    info.workflowTask = undefined;
    return;
  }
  const before = base.info.workflowTask;
  if (!before?.speculative || before.scheduledEventId !== task.scheduledEventId) return;
  makeNormal(draft);
  // The copy of the task that matching has is good for a short time only.
  handOutAnew(draft);
}

/** Gives a started transient or speculative task its two events, once it has come to something. */
export function writeVirtual(draft: Draft): void {
  const task = must(draft.info.workflowTask, 'a workflow task that ends must be pending');
  if (task.inHistory) return;
  writeScheduled(draft, task);
  writeStarted(draft, task);
}

export interface Starter {
  readonly requestId: string;
  readonly identity: string;
  /** The worker has the history up to the last completed task. */
  readonly sticky: boolean;
  /** Handed out with the start of the run, when the history has no size yet. */
  readonly eager?: boolean;
  /** The version that other workflows go to is not the one that this run is pinned to. */
  readonly targetChanged?: boolean;
}

/** A worker takes the pending workflow task. @see spec-history 2.3 */
export function beginWorkflowTask(draft: Draft, starter: Starter): StartedWorkflowTask {
  const { info } = draft;
  renumberTransient(draft);
  const task = must(info.workflowTask, 'a workflow task that is started must be pending');
  const reasons = starter.eager ? [] : suggestReasons(draft);
  const started: WorkflowTaskInfo = {
    ...task,
    startedEventId: info.nextEventId + (task.inHistory ? 0 : 1),
    startedMs: draft.now,
    requestId: starter.requestId,
    identity: starter.identity,
    suggestContinueAsNew: reasons.length > 0,
    suggestContinueAsNewReasons: reasons,
    historySizeBytes: starter.eager ? 0 : info.historySizeBytes,
    targetVersionChanged: starter.targetChanged ?? false,
  };
  if (task.inHistory) writeStarted(draft, started);
  else info.workflowTask = started;
  sendUpdates(draft, started.startedEventId);
  return startedWorkflowTask(draft, { sticky: starter.sticky, toldAgain: false });
}

/** Events have come since a transient task was scheduled: it becomes a first attempt, after them. A speculative one has none. */
function renumberTransient(draft: Draft): void {
  const { info } = draft;
  const task = info.workflowTask;
  if (!task || task.inHistory || task.scheduledEventId === info.nextEventId) return;
  info.nextWorkflowTaskAttempt = 1;
  info.workflowTask = { ...task, attempt: 1, scheduledMs: draft.now, timeoutMs: info.workflowTaskTimeoutMs };
  writeScheduled(draft, info.workflowTask);
}

function suggestReasons({ info, updates, waitingUpdates, environment: { limits } }: Draft): number[] {
  const reasons: number[] = [];
  if (info.historySizeBytes >= limits.suggestContinueAsNewSizeBytes) reasons.push(HISTORY_SIZE_TOO_LARGE);
  if (info.nextEventId >= limits.suggestContinueAsNewCount) reasons.push(TOO_MANY_HISTORY_EVENTS);
  if (updates.size + waitingUpdates.size >= limits.suggestContinueAsNewUpdates) reasons.push(TOO_MANY_UPDATES);
  return reasons;
}

/** Whether the answer is to the workflow task that is running now. */
export function isHeld(draft: Draft, held: HeldWorkflowTask): boolean {
  const task = draft.info.workflowTask;
  return (
    draft.isOpen &&
    task !== undefined &&
    task.startedEventId > 0 &&
    task.scheduledEventId === held.scheduledEventId &&
    task.startedEventId === held.startedEventId &&
    task.startedMs === held.startedMs &&
    task.attempt === held.attempt &&
    task.stamp === held.stamp
  );
}

/** What the answer to a poll tells of the started workflow task. */
export function startedWorkflowTask(
  draft: Draft,
  { sticky, toldAgain }: Pick<StartedWorkflowTask, 'sticky' | 'toldAgain'>,
): StartedWorkflowTask {
  const { info } = draft;
  const task = must(info.workflowTask, 'a workflow task that was started must be pending');
  return {
    scheduledEventId: task.scheduledEventId,
    startedEventId: task.startedEventId,
    previousStartedEventId: info.previousStartedEventId,
    attempt: task.attempt,
    stamp: task.stamp,
    scheduledMs: task.scheduledMs,
    startedMs: task.startedMs,
    workflowType: info.workflowType,
    normalTaskQueue: info.taskQueue,
    sticky,
    virtualEvents: virtualEvents(info, task),
    messages: [...draft.waitingUpdates.values()]
      .filter(({ sentWith }) => sentWith === task.startedEventId)
      .map((update) => requestMessage(update, task.startedEventId)),
    toldAgain,
  };
}

/** The events of a transient or speculative task, as history will hold them once it completes. */
function virtualEvents(info: ExecutionInfo, task: WorkflowTaskInfo): readonly HistoryEvent[] {
  if (task.inHistory) return [];
  const scheduled = makeEvent('WorkflowTaskScheduled', scheduledAttributes(task, info.taskQueue), {
    eventTimeMs: task.scheduledMs,
  });
  const events = [{ ...scheduled, eventId: task.scheduledEventId, taskId: task.scheduledEventId }];
  if (task.startedEventId === 0) return events;
  const started = makeEvent('WorkflowTaskStarted', startedAttributes(task), { eventTimeMs: task.startedMs });
  return [...events, { ...started, eventId: task.startedEventId, taskId: task.startedEventId }];
}

/**
 * The events of a pending transient or speculative task, for readers of a history that must end with them. Once other events have come
 * since, the task will get other ids. The reader is not the worker that holds it. @see spec-history 2.11
 */
export function virtualWorkflowTaskEvents(info: ExecutionInfo): readonly HistoryEvent[] {
  const task = info.workflowTask;
  if (info.status !== STATUS_RUNNING || !task || task.scheduledEventId !== info.nextEventId) return [];
  return virtualEvents(info, { ...task, identity: '' });
}

/** The hand-over of the pending workflow task to matching, when it waits for a worker. */
export function dispatchOf(info: ExecutionInfo): readonly TaskDraft[] {
  const task = info.workflowTask;
  if (!task || task.startedEventId !== 0) return [];
  // Its worker may have been given up since it was scheduled.
  const sticky = task.sticky && info.sticky !== undefined;
  return [
    {
      type: 'DispatchWorkflowTask',
      scheduledEventId: task.scheduledEventId,
      attempt: task.attempt,
      stamp: task.stamp,
      taskQueue: sticky ? task.taskQueue : info.taskQueue,
      sticky,
      normalTaskQueue: info.taskQueue,
      scheduleToStartTimeoutMs: sticky || task.speculative ? task.scheduleToStartTimeoutMs : info.runTimeoutMs,
      priority: info.priority,
      version: directiveOf(info),
    },
  ];
}

/** A workflow task that waits for a worker waits as things are now; copies of it that are on their way are refused. */
export function handOutAnew(draft: Draft): void {
  const { info } = draft;
  if (!info.workflowTask || draft.workflowTaskStarted) return;
  if (info.workflowTask.speculative) makeNormal(draft);
  info.workflowTask = { ...info.workflowTask, stamp: freshStamp(draft) };
  draft.tasks.push(...dispatchOf(info));
}
