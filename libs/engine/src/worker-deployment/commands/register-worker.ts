import type { DeploymentQueue, QueueDeployment } from '@duramesh/proto';
import { changed, refusedBy, unchanged } from '../../entity/archetype.ts';
import { type Refusal, refusal } from '../../workflow/refusal.ts';
import { DEPLOYMENT_LIMITS } from '../limits.ts';
import { hasQueue, withInfo, withVersion, type WorkerDeployment } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';
import { newVersion, STATUS } from '../version-status.ts';
import { newDeployment, tooManyDeployments } from './create-deployment.ts';

export function tooManyVersions({ versions }: WorkerDeployment, buildId: string): Refusal | undefined {
  if (versions.size < DEPLOYMENT_LIMITS.versions) return undefined;
  const why = `maximum number of versions (${DEPLOYMENT_LIMITS.versions}) have been registered in the deployment`;
  return refusal('DeploymentLimit', `cannot add version ${buildId} since ${why}`);
}

function tooManyQueues(queue: DeploymentQueue): Refusal {
  const why = `maximum number of task queues (${DEPLOYMENT_LIMITS.queuesOfVersion}) have been registered in deployment`;
  return refusal('DeploymentLimit', `cannot add task queue ${queue.name} since ${why}`);
}

/** What one queue has to know of the deployment. */
export function asQueueKnows({ info, versions }: WorkerDeployment, queue: DeploymentQueue): QueueDeployment {
  const here = [...versions.values()].filter((version) => hasQueue(version, queue));
  return {
    deploymentName: info.name,
    revision: info.revision,
    routing: info.routing,
    buildIds: here.map(({ buildId }) => buildId),
  };
}

/** The first poll of a version makes it known, and its deployment too. */
export const registerWorker: DeploymentCommand<'RegisterWorker'> = (state, command, environment) => {
  const { buildId, queue, maximumReached } = command;
  const known = state?.versions.get(buildId);
  if (state && known && hasQueue(known, queue)) return unchanged(asQueueKnows(state, queue));
  const tooMany = state ? !known && tooManyVersions(state, buildId) : tooManyDeployments(maximumReached);
  if (tooMany) return refusedBy(tooMany);
  const before = state ?? newDeployment(environment);
  const version = known ?? newVersion(buildId, { now: environment.now, createRequestId: '' });
  if (version.queues.length >= DEPLOYMENT_LIMITS.queuesOfVersion) return refusedBy(tooManyQueues(queue));
  const status = version.status === STATUS.created ? STATUS.inactive : version.status;
  const polled = withVersion(before, { ...version, status, queues: [...version.queues, queue] });
  // This queue hears of it by the answer; it is news to no other one.
  const registered = withInfo(polled, { revision: before.info.revision + 1 });
  return changed(registered, asQueueKnows(registered, queue));
};
