import type { DeploymentTable } from '@duramesh/engine';
import type { EntityRef } from '../entities/entity-owner.ts';
import type { Deployments } from './deployments.ts';

/** Lets go of a version, unless it is needed. @throws ServiceError when it is */
export async function deleteVersion(
  { owner, queues }: Deployments,
  ref: EntityRef,
  command: Omit<DeploymentTable['DeleteVersion']['command'], 'hasPollers'>,
): Promise<void> {
  const { buildId } = command;
  const version = (await owner.find(ref))?.versions.get(buildId);
  const own = { deploymentName: ref.id, buildId };
  const hasPollers = version !== undefined && (await queues.arePolled(ref.namespaceId, own, version.queues));
  await owner.execute(ref, 'DeleteVersion', { ...command, hasPollers });
}
