import {
  AddTaskReply,
  AddTaskRequest,
  CancelPollReply,
  CancelPollRequest,
  CancelWorkerPollsReply,
  CancelWorkerPollsRequest,
  type Codec,
  DescribePartitionReply,
  DescribePartitionRequest,
  FollowVersionsReply,
  FollowVersionsRequest,
  ForwardTaskReply,
  ForwardTaskRequest,
  LocatePartitionReply,
  LocatePartitionRequest,
  PollTaskReply,
  PollTaskRequest,
  QueryTaskReply,
  QueryTaskRequest,
  RegisterVersionRequest,
  ReloadQueueConfigReply,
  ReloadQueueConfigRequest,
  ResolveOffersReply,
  ResolveOffersRequest,
  RespondQueryTaskReply,
  RespondQueryTaskRequest,
  SyncDeploymentReply,
  SyncDeploymentRequest,
  type TaskQueuePartition,
  UnloadStickyQueueReply,
  UnloadStickyQueueRequest,
  UpdateQueueConfigReply,
  UpdateQueueConfigRequest,
  UpdateVersioningRulesRequest,
  VersioningRules,
  VersionsChangedReply,
  VersionsChangedRequest,
  WakePartitionReply,
  WakePartitionRequest,
} from '@duramesh/proto';
import type { Method } from './contract.ts';

const STICKY = 2;

/** What a task-queue partition is known by; decides its slot. A sticky queue is another one than a normal one of its name. */
export const partitionKey = (queue: TaskQueuePartition): string => {
  const key = `${queue.namespaceId}/${queue.type}/${queue.partition}/${queue.name}`;
  return queue.kind === STICKY ? `sticky/${key}` : key;
};

interface Queued {
  readonly queue?: TaskQueuePartition | undefined;
}
const byQueue = (request: Queued): string => (request.queue ? partitionKey(request.queue) : '');

function method<Request extends Queued, Response>(
  request: Codec<Request>,
  response: Codec<Response>,
  options: Partial<Pick<Method<Request, Response>, 'timeoutMs' | 'retry'>> = {},
): Method<Request, Response> {
  return { request, response, key: byQueue, timeoutMs: 10_000, retry: 'safe', ...options };
}

/**
 * Calls answered by the owner of a matching slot.
 * A task that is added stays history's until the add is answered; from then on it is stored or a worker has it.
 */
export const matchingContract = {
  service: 'matching',
  version: 1,
  methods: {
    addTask: method(AddTaskRequest, AddTaskReply),
    pollTask: method(PollTaskRequest, PollTaskReply, { timeoutMs: 65_000, retry: 'left' }),
    resolveOffers: method(ResolveOffersRequest, ResolveOffersReply),
    cancelPoll: method(CancelPollRequest, CancelPollReply),
    queryTask: method(QueryTaskRequest, QueryTaskReply, { timeoutMs: 30_000, retry: 'left' }),
    respondQueryTask: method(RespondQueryTaskRequest, RespondQueryTaskReply),
    describePartition: method(DescribePartitionRequest, DescribePartitionReply),
    locatePartition: method(LocatePartitionRequest, LocatePartitionReply),
    // Among the partitions of one queue. A task that is forwarded twice is started once: history sees to it.
    forwardTask: method(ForwardTaskRequest, ForwardTaskReply, { timeoutMs: 30_000, retry: 'left' }),
    wakePartition: method(WakePartitionRequest, WakePartitionReply),
    cancelWorkerPolls: method(CancelWorkerPollsRequest, CancelWorkerPollsReply),
    updateQueueConfig: method(UpdateQueueConfigRequest, UpdateQueueConfigReply),
    reloadQueueConfig: method(ReloadQueueConfigRequest, ReloadQueueConfigReply),
    unloadStickyQueue: method(UnloadStickyQueueRequest, UnloadStickyQueueReply),
    // Versions of workers: the root of a queue knows, the others follow it.
    syncDeployment: method(SyncDeploymentRequest, SyncDeploymentReply),
    registerVersion: method(RegisterVersionRequest, FollowVersionsReply),
    followVersions: method(FollowVersionsRequest, FollowVersionsReply),
    versionsChanged: method(VersionsChangedRequest, VersionsChangedReply),
    updateVersioningRules: method(UpdateVersioningRulesRequest, VersioningRules),
  },
} as const;
export type MatchingContract = typeof matchingContract;
