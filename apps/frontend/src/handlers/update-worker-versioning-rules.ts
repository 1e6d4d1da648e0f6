import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { rootOf } from '../task-queues/partitions.ts';
import { rulesAnswer } from '../task-queues/versioning-rules.ts';
import { requireTaskQueue, TaskQueueType } from '../validation/task-queue.ts';

/** temporal.api.workflowservice.v1.WorkflowService/UpdateWorkerVersioningRules */
export const updateWorkerVersioningRules =
  ({ matching, limits }: FrontendServices): Handler<'UpdateWorkerVersioningRules'> =>
  async (request, call) => {
    const { name } = requireTaskQueue({ name: request.taskQueue }, limits.idBytes);
    const queue = rootOf({ namespaceId: call.namespace.id, name, type: TaskQueueType.WORKFLOW });
    return rulesAnswer(await matching.updateVersioningRules({ queue, request }, call.options()));
  };
