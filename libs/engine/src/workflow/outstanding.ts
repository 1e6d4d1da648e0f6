import { type ActivityInfo, type ExecutionInfo, RunState } from '@duramesh/proto';
import { isPaused } from './paused.ts';
import { mergePriority } from './priority.ts';
import { type Summary, waitsForWorker } from './summary.ts';
import type { TaskDraft } from './tasks.ts';
import { dispatchOf } from './workflow-task.ts';

/** The parts of a state or a draft that say what is left to be done. */
export interface Pending {
  readonly info: ExecutionInfo;
  readonly activities: { values(): Iterable<ActivityInfo>; readonly size: number };
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
  };
}

/** Immediate work that a run waits for: what a new owner of its shard must do again. Doing it twice is harmless. */
export function outstandingTasks({ info, activities }: Pending): readonly TaskDraft[] {
  if (info.state === RunState.RUN_STATE_COMPLETED) return [];
  const tasks: TaskDraft[] = [...dispatchOf(info)];
  if (isPaused(info)) return tasks;
  for (const activity of activities.values()) {
    if (waitsForWorker(activity)) tasks.push(dispatchActivityOf(activity, info));
  }
  return tasks;
}

export function hasOutstanding({
  info,
  summary,
}: {
  readonly info: ExecutionInfo;
  readonly summary: Summary;
}): boolean {
  if (info.state === RunState.RUN_STATE_COMPLETED) return false;
  return info.workflowTask?.startedEventId === 0 || (summary.waitingActivities > 0 && !isPaused(info));
}
