import { invalidArgument } from '@duramesh/contracts';
import type { DescribePartitionReply, NamespaceRecord } from '@duramesh/proto';
import type { HandlerCall } from '../rpc/handler-call.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest, RpcResponse } from '../rpc/rpc-types.ts';
import { durationOfMs } from '../validation/durations.ts';
import { type KnownTaskQueue, requireTaskQueue, TaskQueueKind, TaskQueueType } from '../validation/task-queue.ts';

type Request = RpcRequest<'DescribeTaskQueue'>;
type Response = RpcResponse<'DescribeTaskQueue'>;

const ENHANCED = 1;
/** The zero time of the reference's language: never. */
const NEVER = { seconds: -62_135_596_800 };
const versioningInfo = { currentVersion: '__unversioned__', updateTime: NEVER };

const statsOf = (partition: DescribePartitionReply) => ({
  approximateBacklogCount: partition.backlogCount,
  approximateBacklogAge: durationOfMs(partition.backlogAgeMs),
  tasksAddRate: partition.tasksAddRate,
  tasksDispatchRate: partition.tasksDispatchRate,
});

/** temporal.api.workflowservice.v1.WorkflowService/DescribeTaskQueue */
export const describeTaskQueue = ({ matching, limits }: FrontendServices): Handler<'DescribeTaskQueue'> => {
  function partition(queue: KnownTaskQueue, type: number, call: HandlerCall): Promise<DescribePartitionReply> {
    const { name, kind, normalName = '' } = queue;
    const namespace: NamespaceRecord = call.namespace;
    return matching.describePartition(
      { queue: { namespaceId: namespace.id, name, type, kind, partition: 0, normalName } },
      call.options(),
    );
  }

  async function describe(request: Request, queue: KnownTaskQueue, call: HandlerCall): Promise<Response> {
    const found = await partition(queue, request.taskQueueType || TaskQueueType.WORKFLOW, call);
    return {
      pollers: found.pollers,
      ...(request.includeTaskQueueStatus && { taskQueueStatus: { backlogCountHint: found.backlogCount } }),
      ...(request.reportStats && { stats: statsOf(found) }),
      ...(queue.kind === TaskQueueKind.NORMAL && { versioningInfo }),
    };
  }

  /** Versions are not built: everything belongs to the one without a name. */
  async function describeVersions(request: Request, queue: KnownTaskQueue, call: HandlerCall): Promise<Response> {
    if (queue.kind === TaskQueueKind.STICKY) {
      throw invalidArgument(
        'Enhanced DescribeTaskQueue is not valid for a sticky queue, use api_mode=UNSPECIFIED or a normal queue.',
      );
    }
    const types = request.taskQueueTypes?.length
      ? request.taskQueueTypes
      : [TaskQueueType.WORKFLOW, TaskQueueType.ACTIVITY];
    const infos = types.map(async (type) => {
      const found = await partition(queue, type, call);
      const info = {
        ...(request.reportPollers && { pollers: found.pollers }),
        ...(request.reportStats && { stats: statsOf(found) }),
      };
      return [type, info] as const;
    });
    return { versionsInfo: { '': { typesInfo: Object.fromEntries(await Promise.all(infos)) } } };
  }

  return async (request, call) => {
    const queue = requireTaskQueue(request.taskQueue, limits.idBytes);
    return request.apiMode === ENHANCED ? describeVersions(request, queue, call) : describe(request, queue, call);
  };
};
