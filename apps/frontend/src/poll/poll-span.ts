import type { TaskOffer, TaskQueuePartition } from '@duramesh/proto';
import type { Tracer } from '@duramesh/runtime';
import type { HandlerCall } from '../rpc/handler-call.ts';
import { TaskQueueType } from '../validation/task-queue.ts';

const names: Readonly<Record<number, string>> = {
  [TaskQueueType.WORKFLOW]: 'PollWorkflowTaskQueue',
  [TaskQueueType.ACTIVITY]: 'PollActivityTaskQueue',
};

interface Got {
  readonly offer: TaskOffer;
  readonly queue: TaskQueuePartition;
  readonly call: HandlerCall;
  readonly identity: string;
}

/** A poll from the moment that it has got a task, as a step of the trace of the task. */
export function pollSpan<T>(tracer: Tracer, { offer, queue, call, identity }: Got, body: () => Promise<T>): Promise<T> {
  const { workflowId = '', runId = '', attempt = 0, traceparent = '' } = offer.task ?? {};
  const ofCall = call.header('traceparent');
  const attributes = () => ({
    temporalNamespace: call.namespace.name,
    temporalWorkflowId: workflowId,
    temporalRunId: runId,
    temporalTaskQueue: queue.name,
    'duramesh.attempt': attempt,
    'duramesh.identity': identity,
  });
  const name = names[queue.type] ?? 'Poll';
  return tracer.run(traceparent, { name, kind: 'server', attributes, links: ofCall === '' ? [] : [ofCall] }, body);
}
