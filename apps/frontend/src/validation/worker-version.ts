import { invalidArgument } from '@duramesh/contracts';
import type { Plain, temporal } from '@duramesh/proto';
import { exceedsBytes } from './ids.ts';
import { requireBuildId, requireDeploymentName } from './worker-deployments.ts';
import { type TaskQueue, TaskQueueKind } from './task-queue.ts';

type DeploymentOptions = Plain<temporal.api.deployment.v1.IWorkerDeploymentOptions>;

/** What a worker says of its own build. */
interface Versioning {
  /** The queue it asks for; sticky ones must say which normal queue they stand for. */
  readonly taskQueue: TaskQueue | undefined;
  readonly deploymentOptions: DeploymentOptions | undefined;
  readonly version: { readonly buildId?: string | undefined; readonly useVersioning?: boolean | undefined } | undefined;
}

const VERSIONED_MODE = 2;

/** Refuses the first offence in the reference's order. */
export function requireWorkerVersion(
  { taskQueue, deploymentOptions, version }: Versioning,
  buildIdBytes: number,
): void {
  const usesVersioning = version?.useVersioning === true;
  const isNamelessSticky = taskQueue?.kind === TaskQueueKind.STICKY && !taskQueue.normalName;
  if (isNamelessSticky && (usesVersioning || deploymentOptions)) {
    throw invalidArgument(
      'NormalName must be set on sticky queue when UseVersioning is true or DeploymentOptions are set.',
    );
  }
  const buildId = version?.buildId ?? '';
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
  requireDeploymentName(deploymentOptions.deploymentName);
  requireBuildId(deploymentOptions.buildId);
}
