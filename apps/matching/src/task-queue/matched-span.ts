import type { TaskQueuePartition, TaskRef } from '@duramesh/proto';
import type { Tracer } from '@duramesh/runtime';
import type { WaitingTask } from './waiting-task.ts';

/** The wait of a task from where it was made to its poll, as a step of its trace. @returns the task as a part of that step */
export function matchedSpan(tracer: Tracer, queue: TaskQueuePartition, { ref, addedMs, row }: WaitingTask): TaskRef {
  const { workflowId, runId, attempt, createdMs } = ref;
  const traceparent = tracer.record(ref.traceparent, {
    name: 'match',
    // Another process made it: its clock may be ahead.
    startMs: Math.min(createdMs || addedMs, addedMs),
    attributes: {
      temporalWorkflowId: workflowId,
      temporalRunId: runId,
      temporalTaskQueue: queue.name,
      'duramesh.task_queue.type': queue.type,
      'duramesh.partition': queue.partition,
      'duramesh.attempt': attempt,
      'duramesh.from_backlog': row !== 'none',
    },
  });
  return traceparent === ref.traceparent ? ref : { ...ref, traceparent };
}
