import { childPartition, invalidArgument } from '@duramesh/contracts';
import type { DescribePartitionReply, TaskQueuePartition } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { HandlerCall } from '../rpc/handler-call.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest, RpcResponse } from '../rpc/rpc-types.ts';
import { legacyStatus, pollersOf, statsByPriority, statsOfAll } from '../task-queues/queue-answer.ts';
import { allPartitions } from '../task-queues/partitions.ts';
import { requireTaskQueue, TaskQueueKind, TaskQueueType } from '../validation/task-queue.ts';

type Request = RpcRequest<'DescribeTaskQueue'>;
type Response = RpcResponse<'DescribeTaskQueue'>;

const ENHANCED = 1;
/** The zero time of the reference's language: never. */
const NEVER = { seconds: -62_135_596_800 };
const unversioned = { currentVersion: '__unversioned__', updateTime: NEVER };
/** The build id of workers without one. */
const UNVERSIONED = '';

/** The partition that a request addresses: a child by its own name. */
function addressed(request: Request, namespaceId: string, idBytes: number): TaskQueuePartition {
  const { taskQueue, taskQueueType } = request;
  const child = childPartition(taskQueue?.name ?? '');
  const { name, kind, normalName = '' } = requireTaskQueue(child ? { ...taskQueue, ...child } : taskQueue, idBytes);
  const type = taskQueueType || TaskQueueType.WORKFLOW;
  return { namespaceId, name, type, kind, partition: child?.partition ?? 0, normalName };
}

/** temporal.api.workflowservice.v1.WorkflowService/DescribeTaskQueue @see spec-matching 5 */
export const describeTaskQueue = (services: FrontendServices): Handler<'DescribeTaskQueue'> => {
  const { matching, limits, partitionsOf } = services;

  const describeAll = (queue: TaskQueuePartition, call: HandlerCall): Promise<DescribePartitionReply[]> =>
    Promise.all(allPartitions(services, queue).map((it) => matching.describePartition({ queue: it }, call.options())));

  async function describe(request: Request, queue: TaskQueuePartition, call: HandlerCall): Promise<Response> {
    if (request.reportStats) requireRoot(queue);
    const described = request.reportStats
      ? await describeAll(queue, call)
      : [await matching.describePartition({ queue }, call.options())];
    const found = must(described[0], 'a queue has a root');
    const partitions = queue.kind === TaskQueueKind.NORMAL ? partitionsOf(queue).read : 1;
    const requestsPerSecond = found.requestsPerSecond * partitions;
    return {
      pollers: found.pollers,
      effectiveRateLimit: { requestsPerSecond, rateLimitSource: found.rateLimitSource },
      ...(request.reportStats && { stats: statsOfAll(described), statsByPriorityKey: statsByPriority(described) }),
      ...(request.includeTaskQueueStatus && { taskQueueStatus: legacyStatus(found) }),
      ...(request.reportConfig && { config: found.config }),
      ...(queue.kind === TaskQueueKind.NORMAL && { versioningInfo: found.versioning ?? unversioned }),
    };
  }

  /** Versions are not built: every worker and every task belongs to the one without a name. */
  async function describeVersions(request: Request, queue: TaskQueuePartition, call: HandlerCall): Promise<Response> {
    requireEnhanced(request, queue, limits.reachabilityBuildIds);
    const types = request.taskQueueTypes?.length
      ? request.taskQueueTypes
      : [TaskQueueType.WORKFLOW, TaskQueueType.ACTIVITY];
    const infos = types.map(async (type) => {
      const partitions = await describeAll({ ...queue, type }, call);
      const info = {
        ...(request.reportPollers && { pollers: pollersOf(partitions) }),
        ...(request.reportStats && { stats: statsOfAll(partitions) }),
      };
      return [type, info] as const;
    });
    return { versionsInfo: { [UNVERSIONED]: { typesInfo: Object.fromEntries(await Promise.all(infos)) } } };
  }

  return async (request, call) => {
    const queue = addressed(request, call.namespace.id, limits.idBytes);
    return request.apiMode === ENHANCED ? describeVersions(request, queue, call) : describe(request, queue, call);
  };
};

function requireRoot({ kind, partition }: TaskQueuePartition): void {
  if (partition === 0 && kind !== TaskQueueKind.STICKY) return;
  throw invalidArgument('DescribeTaskQueue stats are only supported for the root partition');
}

function requireEnhanced(request: Request, { kind, partition }: TaskQueuePartition, buildIds: number): void {
  if (kind === TaskQueueKind.STICKY) {
    throw invalidArgument(
      'Enhanced DescribeTaskQueue is not valid for a sticky queue, use api_mode=UNSPECIFIED or a normal queue.',
    );
  }
  if (partition > 0) {
    throw invalidArgument(
      'Enhanced DescribeTaskQueue is not valid for non-root queue partitions, ' +
        'use api_mode=UNSPECIFIED or a normal queue root name.',
    );
  }
  if (request.reportTaskReachability && (request.versions?.buildIds?.length ?? 0) > buildIds) {
    throw invalidArgument(`Too many build ids queried at once with ReportTaskReachability==true, limit: ${buildIds}`);
  }
}
