import { onePartition, writePartition } from '@duramesh/contracts';
import type { TaskOf } from '@duramesh/engine';
import type { TaskQueuePartition, TaskRef } from '@duramesh/proto';
import type { ActionParts, ActionRun } from './action.ts';

/** Hands a task to matching: to the partition of the queue that is its own. */
export async function addTask(parts: ActionParts, queue: TaskQueuePartition, task: TaskRef): Promise<void> {
  const partition = writePartition(queue, task, parts.deps.partitionsOf ?? onePartition);
  await parts.matching.addTask({ queue: partition === 0 ? queue : { ...queue, partition }, task });
}

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
    version: task.version,
    traceparent: deps.tracer?.kept() ?? '',
  };
}

/** The root of a queue of the run's namespace. */
export const queueOf = (
  { key }: ActionRun,
  queue: Pick<TaskQueuePartition, 'name' | 'type' | 'kind' | 'normalName'>,
): TaskQueuePartition => ({ namespaceId: key.namespaceId, partition: 0, ...queue });
