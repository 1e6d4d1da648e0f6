import type { NamespaceRecord, Plain, TaskQueuePartition, temporal } from '@duramesh/proto';
import type { FrontendLimits } from '../limits.ts';
import { requireLength } from '../validation/ids.ts';
import { requireTaskQueue, type TaskQueue } from '../validation/task-queue.ts';
import { requireWorkerVersion } from '../validation/worker-version.ts';

type DeploymentOptions = Plain<temporal.api.deployment.v1.IWorkerDeploymentOptions>;
type TaskQueueMetadata = Plain<temporal.api.taskqueue.v1.ITaskQueueMetadata>;
type VersionCapabilities = Plain<temporal.api.common.v1.IWorkerVersionCapabilities>;

/** What polls for all kinds of tasks say alike. */
interface PollFields {
  readonly taskQueue?: TaskQueue | undefined;
  readonly identity?: string | undefined;
  readonly workerInstanceKey?: string | undefined;
  readonly deploymentOptions?: DeploymentOptions | undefined;
  readonly workerVersionCapabilities?: VersionCapabilities | undefined;
  readonly taskQueueMetadata?: TaskQueueMetadata | undefined;
}

/** A poll that may be made. */
export interface TaskPoll {
  readonly queue: TaskQueuePartition;
  readonly identity: string;
  readonly workerInstanceKey: string;
  readonly deploymentOptions: DeploymentOptions | undefined;
  readonly workerVersionCapabilities: VersionCapabilities | undefined;
  readonly taskQueueMetadata: TaskQueueMetadata | undefined;
}

/** Checks a poll in the reference's order. */
export function requirePoll(
  request: PollFields,
  type: number,
  { namespace, limits }: { readonly namespace: NamespaceRecord; readonly limits: FrontendLimits },
): TaskPoll {
  requireLength('Identity', request.identity, limits.idBytes);
  const { taskQueue, deploymentOptions, workerVersionCapabilities: version } = request;
  requireWorkerVersion({ taskQueue, deploymentOptions, version }, limits.buildIdBytes);
  const { name, kind, normalName = '' } = requireTaskQueue(request.taskQueue, limits.idBytes);
  return {
    queue: { namespaceId: namespace.id, name, type, kind, partition: 0, normalName },
    identity: request.identity ?? '',
    workerInstanceKey: request.workerInstanceKey ?? '',
    deploymentOptions: request.deploymentOptions,
    workerVersionCapabilities: request.workerVersionCapabilities,
    taskQueueMetadata: request.taskQueueMetadata,
  };
}
