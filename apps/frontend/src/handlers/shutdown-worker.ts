import type { HandlerCall } from '../rpc/handler-call.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { requireLength } from '../validation/ids.ts';
import { allPartitions } from '../task-queues/partitions.ts';
import { TaskQueueKind, TaskQueueType } from '../validation/task-queue.ts';

type Request = RpcRequest<'ShutdownWorker'>;

const usualTypes = [TaskQueueType.WORKFLOW, TaskQueueType.ACTIVITY];

/** temporal.api.workflowservice.v1.WorkflowService/ShutdownWorker @see spec-matching 2.4 */
export const shutdownWorker = (services: FrontendServices): Handler<'ShutdownWorker'> => {
  const { matching, limits, logger } = services;

  /** So that the worker need not wait for them: they end with nothing. A partition that cannot be reached is left out. */
  async function endPolls(request: Request, call: HandlerCall): Promise<void> {
    const { workerInstanceKey = '', taskQueue: name = '', identity = '' } = request;
    if (workerInstanceKey === '' || name === '') return;
    const types = request.taskQueueTypes?.length ? request.taskQueueTypes : usualTypes;
    const queues = types.flatMap((type) => allPartitions(services, { namespaceId: call.namespace.id, name, type }));
    const cancelled = queues.map((queue) =>
      matching.cancelWorkerPolls({ queue, workerInstanceKey, identity }, call.options()),
    );
    for (const outcome of await Promise.allSettled(cancelled)) {
      if (outcome.status === 'rejected') logger.debug({ error: outcome.reason }, 'polls of a worker go on');
    }
  }

  return async (request, call) => {
    const { stickyTaskQueue: name, taskQueue: normalName = '' } = request;
    requireLength('StickyTaskQueue', name, limits.idBytes);
    const ending = endPolls(request, call);
    // Workers that run activities only have none.
    if (name) {
      const { WORKFLOW: type } = TaskQueueType;
      const queue = {
        namespaceId: call.namespace.id,
        name,
        type,
        kind: TaskQueueKind.STICKY,
        partition: 0,
        normalName,
      };
      await matching.unloadStickyQueue({ queue }, call.options());
    }
    await ending;
    return {};
  };
};
