import { type ExecutionInfo, RunState } from '@duramesh/proto';
import type { Draft } from './draft.ts';
import { toDuration } from './events.ts';
import type { TaskDraft } from './tasks.ts';

const KIND_NORMAL = 1;
const KIND_STICKY = 2;
const STATUS_PAUSED = 8;
const EXTRA_FROM_ATTEMPT = 4;

/** The tail of every outside change: a worker must hear of it, unless one will anyway. @see spec-history 0.5 */
export function ensureWorkflowTask(draft: Draft): void {
  if (!draft.isOpen || draft.info.workflowTask !== undefined || draft.info.status === STATUS_PAUSED) return;
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

/**
 * Schedules a workflow task. There must be none. `originalScheduledMs` is carried along a chain of heartbeats.
 * @see spec-history 2.2
 */
export function scheduleWorkflowTask(
  draft: Draft,
  { originalScheduledMs = draft.now, dispatch = true }: { originalScheduledMs?: number; dispatch?: boolean } = {},
): void {
  const { info } = draft;
  if (draft.hasBuffered) {
    info.nextWorkflowTaskAttempt = 1;
    draft.flushBuffer();
  }
  const attempt = info.nextWorkflowTaskAttempt;
  const queue = info.sticky;
  const timeout = timeoutMs(draft, attempt);
  info.workflowTask = {
    scheduledEventId: info.nextEventId,
    startedEventId: 0,
    requestId: '',
    attempt,
    timeoutMs: timeout,
    scheduledMs: draft.now,
    originalScheduledMs,
    startedMs: 0,
    stamp: 0,
    suggestContinueAsNew: false,
    suggestContinueAsNewReasons: [],
    historySizeBytes: 0,
    taskQueue: queue?.name ?? info.taskQueue,
    sticky: queue !== undefined,
    scheduleToStartTimeoutMs: queue?.scheduleToStartTimeoutMs ?? 0,
    identity: '',
    inHistory: false,
  };
  info.state = RunState.RUN_STATE_RUNNING;
  info.status = 1;
  info.backoffUntilMs = 0;
  if (attempt === 1) writeScheduled(draft);
  if (dispatch) draft.tasks.push(...dispatchOf(info));
}

/** Writes the scheduled event of the pending task, in its own time. */
export function writeScheduled(draft: Draft): void {
  const task = draft.info.workflowTask;
  if (!task) return;
  draft.emit(
    'WorkflowTaskScheduled',
    {
      taskQueue: task.sticky
        ? { name: task.taskQueue, kind: KIND_STICKY, normalName: draft.info.taskQueue }
        : { name: task.taskQueue, kind: KIND_NORMAL },
      startToCloseTimeout: toDuration(task.timeoutMs),
      attempt: task.attempt,
    },
    { eventTimeMs: task.scheduledMs },
  );
}

/** The hand-over of the pending workflow task to matching, when it waits for a worker. */
export function dispatchOf(info: ExecutionInfo): readonly TaskDraft[] {
  const task = info.workflowTask;
  if (!task || task.startedEventId !== 0) return [];
  return [
    {
      type: 'DispatchWorkflowTask',
      scheduledEventId: task.scheduledEventId,
      attempt: task.attempt,
      stamp: task.stamp,
      taskQueue: task.taskQueue,
      sticky: task.sticky,
      normalTaskQueue: info.taskQueue,
      scheduleToStartTimeoutMs: task.sticky ? task.scheduleToStartTimeoutMs : info.runTimeoutMs,
      priority: info.priority,
    },
  ];
}
