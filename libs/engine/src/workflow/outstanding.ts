import {
  type ActivityInfo,
  type ChildInfo,
  type ExecutionInfo,
  type ExternalRequestInfo,
  RunState,
} from '@duramesh/proto';
import {
  isToBeAsked,
  isToBeClosed,
  isToBeConfirmed,
  isToBeConfirmedAfterClose,
  isToBeStarted,
  reportsToParent,
} from './child-work.ts';
import { isPaused } from './paused.ts';
import { mergePriority } from './priority.ts';
import { directiveOf } from './effective-version.ts';
import { type Summary, waitsForWorker } from './summary.ts';
import type { TaskDraft } from './tasks.ts';
import { dispatchOf } from './workflow-task.ts';

interface Values<V> {
  values(): Iterable<V>;
}

/** The parts of a state or a draft that say what is left to be done. */
export interface Pending {
  readonly info: ExecutionInfo;
  readonly activities: Values<ActivityInfo>;
  readonly children: Values<ChildInfo>;
  readonly externalCancels: Values<ExternalRequestInfo>;
  readonly externalSignals: Values<ExternalRequestInfo>;
}

/** The hand-over of an activity attempt to matching. */
export function dispatchActivityOf(activity: ActivityInfo, info: ExecutionInfo): TaskDraft {
  return {
    type: 'DispatchActivityTask',
    scheduledEventId: activity.scheduledEventId,
    attempt: activity.attempt,
    stamp: activity.stamp,
    taskQueue: activity.taskQueue,
    scheduleToStartTimeoutMs: activity.scheduleToStartTimeoutMs,
    priority: mergePriority(info.priority, activity.priority),
    version: directiveOf(info),
  };
}

/** Immediate work that a run waits for: what a new owner of its shard must do again. Doing it twice is harmless. */
export function outstandingTasks(pending: Pending): readonly TaskDraft[] {
  if (pending.info.state === RunState.RUN_STATE_COMPLETED) return afterClose(pending);
  return [...dispatches(pending), ...toOthers(pending)];
}

function dispatches({ info, activities }: Pending): readonly TaskDraft[] {
  const tasks: TaskDraft[] = [...dispatchOf(info)];
  if (isPaused(info)) return tasks;
  for (const activity of activities.values()) {
    if (waitsForWorker(activity)) tasks.push(dispatchActivityOf(activity, info));
  }
  return tasks;
}

/** What other workflows are to be told. That the run is paused is of no concern to them. */
function toOthers({ children, externalCancels, externalSignals }: Pending): readonly TaskDraft[] {
  const tasks: TaskDraft[] = [];
  for (const child of children.values()) {
    const { initiatedEventId } = child;
    if (isToBeStarted(child)) tasks.push({ type: 'StartChild', initiatedEventId });
    else if (isToBeConfirmed(child)) tasks.push({ type: 'ConfirmChild', initiatedEventId });
    if (isToBeAsked(child)) tasks.push({ type: 'AskChild', initiatedEventId });
  }
  for (const { initiatedEventId } of externalCancels.values()) tasks.push({ type: 'CancelExternal', initiatedEventId });
  for (const { initiatedEventId } of externalSignals.values()) tasks.push({ type: 'SignalExternal', initiatedEventId });
  return tasks;
}

/** What a closed run still has to tell its parent and its children; after that it may have to go. */
function afterClose({ info, children }: Pending): readonly TaskDraft[] {
  const tasks: TaskDraft[] = reportsToParent(info) ? [{ type: 'ReportToParent' }] : [];
  for (const child of children.values()) {
    const { initiatedEventId } = child;
    if (isToBeConfirmedAfterClose(child)) tasks.push({ type: 'ConfirmChild', initiatedEventId });
    if (isToBeClosed(child)) tasks.push({ type: 'ApplyClosePolicy', initiatedEventId });
  }
  return tasks.length === 0 && info.deleteRequested ? [{ type: 'DeleteRun' }] : tasks;
}

/** As whether `outstandingTasks` is empty, at a cost that does not grow with the run. */
export function hasOutstanding({
  info,
  summary,
}: {
  readonly info: ExecutionInfo;
  readonly summary: Summary;
}): boolean {
  if (info.state === RunState.RUN_STATE_COMPLETED) {
    return summary.childrenLeft > 0 || reportsToParent(info) || info.deleteRequested;
  }
  if (info.workflowTask?.startedEventId === 0 || (summary.waitingActivities > 0 && !isPaused(info))) return true;
  return summary.waitingChildren > 0 || summary.externalRequests > 0;
}
