import { type ActivityInfo, type ExecutionInfo, RunState } from '@duramesh/proto';
import type { TaskDraft } from './tasks.ts';
import { dispatchOf } from './workflow-task.ts';

/** The parts of a state or a draft that say what is left to be done. */
export interface Pending {
  readonly info: ExecutionInfo;
  readonly activities: { values(): Iterable<ActivityInfo>; readonly size: number };
}

const waitsForWorker = (activity: ActivityInfo): boolean => activity.startedMs === 0 && !activity.inBackoff;

export function dispatchActivityOf(activity: ActivityInfo): TaskDraft {
  return {
    type: 'DispatchActivityTask',
    scheduledEventId: activity.scheduledEventId,
    attempt: activity.attempt,
    stamp: activity.stamp,
    taskQueue: activity.taskQueue,
    scheduleToStartTimeoutMs: activity.scheduleToStartTimeoutMs,
    priority: activity.priority,
  };
}

/** Immediate work that a run waits for: what a new owner of its shard must do again. Doing it twice is harmless. */
export function outstandingTasks({ info, activities }: Pending): readonly TaskDraft[] {
  if (info.state === RunState.RUN_STATE_COMPLETED) return [];
  const tasks: TaskDraft[] = [...dispatchOf(info)];
  for (const activity of activities.values()) if (waitsForWorker(activity)) tasks.push(dispatchActivityOf(activity));
  return tasks;
}

export function hasOutstanding({ info, activities }: Pending): boolean {
  if (info.state === RunState.RUN_STATE_COMPLETED) return false;
  if (info.workflowTask !== undefined && info.workflowTask.startedEventId === 0) return true;
  if (activities.size === 0) return false;
  for (const activity of activities.values()) if (waitsForWorker(activity)) return true;
  return false;
}
