import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { rootOf } from '../task-queues/partitions.ts';
import { requireTaskQueueConfig } from '../validation/task-queue-config.ts';
import { requireTaskQueue, TaskQueueType } from '../validation/task-queue.ts';

/** temporal.api.workflowservice.v1.WorkflowService/UpdateTaskQueueConfig */
export const updateTaskQueueConfig =
  ({ matching, limits }: FrontendServices): Handler<'UpdateTaskQueueConfig'> =>
  async (request, call) => {
    const { name } = requireTaskQueue({ name: request.taskQueue }, limits.idBytes);
    requireTaskQueueConfig(request, limits);
    const type = request.taskQueueType || TaskQueueType.WORKFLOW;
    const queue = rootOf({ namespaceId: call.namespace.id, name, type });
    return matching.updateQueueConfig({ queue, request }, call.options());
  };
