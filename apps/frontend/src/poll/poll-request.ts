import { invalidArgument } from '@duramesh/contracts';
import type { NamespaceRecord, Plain, TaskQueuePartition, temporal } from '@duramesh/proto';
import type { FrontendLimits } from '../limits.ts';
import { exceedsBytes, requireLength } from '../validation/ids.ts';
import { requireTaskQueue, type TaskQueue, TaskQueueKind } from '../validation/task-queue.ts';

type DeploymentOptions = Plain<temporal.api.deployment.v1.IWorkerDeploymentOptions>;
type VersionCapabilities = Plain<temporal.api.common.v1.IWorkerVersionCapabilities>;

/** What workflow and activity polls say alike. */
interface PollFields {
  readonly taskQueue?: TaskQueue | undefined;
  readonly identity?: string | undefined;
  readonly workerInstanceKey?: string | undefined;
  readonly deploymentOptions?: DeploymentOptions | undefined;
  readonly workerVersionCapabilities?: VersionCapabilities | undefined;
}

/** A poll that may be made. */
export interface TaskPoll {
  readonly queue: TaskQueuePartition;
  readonly identity: string;
  readonly workerInstanceKey: string;
  readonly deploymentOptions: DeploymentOptions | undefined;
  readonly workerVersionCapabilities: VersionCapabilities | undefined;
  /** 0: the worker names no limit. */
  readonly maxTasksPerSecond: number;
}

const VERSIONED_MODE = 2;

function requireVersioning(poll: PollFields, buildIdBytes: number): void {
  const { taskQueue, deploymentOptions, workerVersionCapabilities } = poll;
  const usesVersioning = workerVersionCapabilities?.useVersioning === true;
  const isNamelessSticky = taskQueue?.kind === TaskQueueKind.STICKY && !taskQueue.normalName;
  if (isNamelessSticky && (usesVersioning || deploymentOptions)) {
    throw invalidArgument(
      'NormalName must be set on sticky queue when UseVersioning is true or DeploymentOptions are set.',
    );
  }
  const buildId = workerVersionCapabilities?.buildId ?? '';
  if (usesVersioning && buildId === '') {
    throw invalidArgument('WorkerVersionStamp must be present if UseVersioning is true.');
  }
  if (exceedsBytes(buildId, buildIdBytes)) {
    throw invalidArgument('Build ID exceeds configured limit.workerBuildIdSize, use a shorter build ID.');
  }
  if (deploymentOptions?.workerVersioningMode !== VERSIONED_MODE) return;
  if (!deploymentOptions.deploymentName || !deploymentOptions.buildId) {
    throw invalidArgument('Deployment name and build id must be set together.');
  }
}

/** Checks a poll in the reference's order. */
export function requirePoll(
  request: PollFields,
  type: number,
  { namespace, limits }: { readonly namespace: NamespaceRecord; readonly limits: FrontendLimits },
): TaskPoll {
  requireLength('Identity', request.identity, limits.idBytes);
  requireVersioning(request, limits.buildIdBytes);
  const { name, kind, normalName = '' } = requireTaskQueue(request.taskQueue, limits.idBytes);
  return {
    queue: { namespaceId: namespace.id, name, type, kind, partition: 0, normalName },
    identity: request.identity ?? '',
    workerInstanceKey: request.workerInstanceKey ?? '',
    deploymentOptions: request.deploymentOptions,
    workerVersionCapabilities: request.workerVersionCapabilities,
    maxTasksPerSecond: 0,
  };
}
