import type { TaskOf } from '@duramesh/engine';
import type { TaskQueuePartition, TaskRef } from '@duramesh/proto';
import type { ActionParts, ActionRun } from './action.ts';

/** The task as matching keeps it. */
export function taskRefOf(
  { deps }: ActionParts,
  { key }: ActionRun,
  task: TaskOf<'DispatchWorkflowTask' | 'DispatchActivityTask'>,
): TaskRef {
  const now = deps.clock.now();
  return {
    workflowId: key.workflowId,
    runId: key.runId,
    scheduledEventId: task.scheduledEventId,
    attempt: task.attempt,
    stamp: task.stamp,
    createdMs: now,
    expiresMs: task.scheduleToStartTimeoutMs > 0 ? now + task.scheduleToStartTimeoutMs : 0,
    priority: task.priority,
  };
}

/** The first partition of a queue of the run's namespace. */
export const queueOf = (
  { key }: ActionRun,
  queue: Pick<TaskQueuePartition, 'name' | 'type' | 'kind' | 'normalName'>,
): TaskQueuePartition => ({ namespaceId: key.namespaceId, partition: 0, ...queue });
