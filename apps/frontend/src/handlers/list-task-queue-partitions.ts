import { partitionName } from '@duramesh/contracts';
import type { TaskQueuePartition } from '@duramesh/proto';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { rootOf } from '../task-queues/partitions.ts';
import { requireTaskQueue, TaskQueueKind, TaskQueueType } from '../validation/task-queue.ts';

/** temporal.api.workflowservice.v1.WorkflowService/ListTaskQueuePartitions @see spec-matching 1.6 */
export const listTaskQueuePartitions =
  ({ matching, limits, partitionsOf }: FrontendServices): Handler<'ListTaskQueuePartitions'> =>
  async (request, call) => {
    const { name, kind, normalName = '' } = requireTaskQueue(request.taskQueue, limits.idBytes);
    const namespaceId = call.namespace.id;

    function partitions(type: number): TaskQueuePartition[] {
      const root = { ...rootOf({ namespaceId, name, type }), kind, normalName };
      if (kind === TaskQueueKind.STICKY) return [root];
      const { write } = partitionsOf(root);
      return Array.from({ length: write }, (_, partition) => ({ ...root, partition }));
    }

    const located = (type: number) =>
      Promise.all(
        partitions(type).map(async (queue) => {
          const { address } = await matching.locatePartition({ queue }, call.options());
          return { key: partitionName(name, queue.partition), ownerHostName: address };
        }),
      );
    const [activityTaskQueuePartitions, workflowTaskQueuePartitions] = await Promise.all([
      located(TaskQueueType.ACTIVITY),
      located(TaskQueueType.WORKFLOW),
    ]);
    return { activityTaskQueuePartitions, workflowTaskQueuePartitions };
  };
