import type { Plain, temporal, VersionDirective } from '@duramesh/proto';

export type Priority = Plain<temporal.api.common.v1.IPriority>;

interface DispatchWorkflowTask {
  readonly type: 'DispatchWorkflowTask';
  readonly scheduledEventId: number;
  readonly attempt: number;
  readonly stamp: number;
  readonly taskQueue: string;
  readonly sticky: boolean;
  /** The normal queue, where the task goes when the sticky worker is away. */
  readonly normalTaskQueue: string;
  /** 0 means no limit. */
  readonly scheduleToStartTimeoutMs: number;
  readonly priority: Priority | undefined;
  readonly version: VersionDirective | undefined;
}

interface DispatchActivityTask {
  readonly type: 'DispatchActivityTask';
  readonly scheduledEventId: number;
  readonly attempt: number;
  readonly stamp: number;
  readonly taskQueue: string;
  readonly scheduleToStartTimeoutMs: number;
  readonly priority: Priority | undefined;
  readonly version: VersionDirective | undefined;
}

/** Something another workflow has to be told, named by the event that made it so. */
interface InitiatedTask<Type extends string> {
  readonly type: Type;
  readonly initiatedEventId: number;
}

/**
 * Immediate work that follows from a transition. It has no row of its own: what is still to be done can be read from
 * the state (`outstanding`), so memory carries it and a new owner finds it again.
 */
export type TaskDraft =
  | DispatchWorkflowTask
  | DispatchActivityTask
  | InitiatedTask<'StartChild'>
  /** The start of the child is recorded: its first workflow task may come. */
  | InitiatedTask<'ConfirmChild'>
  /** The run has the child from its base, where its end may have been told. */
  | InitiatedTask<'AskChild'>
  | InitiatedTask<'CancelExternal'>
  | InitiatedTask<'SignalExternal'>
  /** This run is closed: the child is told what its parent close policy says. */
  | InitiatedTask<'ApplyClosePolicy'>
  /** This run is a child and is closed. */
  | { readonly type: 'ReportToParent' }
  /** This run is a child that has long waited to hear that its start was recorded. */
  | { readonly type: 'AskParent' }
  /** This run is closed, has told everybody, and is to go. */
  | { readonly type: 'DeleteRun' };

export type TaskType = TaskDraft['type'];
export type TaskOf<Type extends TaskType> = Extract<TaskDraft, { readonly type: Type }>;

/** Equal for tasks of one run that ask for the same. */
export function taskName(task: TaskDraft): string {
  if ('scheduledEventId' in task) return `${task.type}/${task.scheduledEventId}/${task.attempt}/${task.stamp}`;
  return 'initiatedEventId' in task ? `${task.type}/${task.initiatedEventId}` : task.type;
}
