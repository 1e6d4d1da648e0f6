import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireLength } from '../validation/ids.ts';
import { TaskQueueKind, TaskQueueType } from '../validation/task-queue.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ShutdownWorker */
export const shutdownWorker =
  ({ matching, limits }: FrontendServices): Handler<'ShutdownWorker'> =>
  async ({ stickyTaskQueue: name, taskQueue: normalName = '' }, call) => {
    requireLength('StickyTaskQueue', name, limits.idBytes);
    // Workers that run activities only have none.
    if (!name) return {};
    const { id: namespaceId } = call.namespace;
    const { WORKFLOW: type } = TaskQueueType;
    const queue = { namespaceId, name, type, kind: TaskQueueKind.STICKY, partition: 0, normalName };
    await matching.unloadStickyQueue({ queue }, call.options());
    return {};
  };
