import { entityNamespace } from '@duramesh/contracts';
import { DEPLOYMENT_LIMITS, workerDeployments } from '@duramesh/engine';
import type { Store } from '@duramesh/persistence';

/** The limit, if the namespace has as many deployments; else 0. */
export async function deploymentsReached(
  { visibility }: Pick<Store, 'visibility'>,
  namespaceId: string,
): Promise<number> {
  const all = { where: undefined, groupBy: undefined };
  const { count } = await visibility.count(entityNamespace(namespaceId, workerDeployments.name), all);
  return count >= DEPLOYMENT_LIMITS.deployments ? DEPLOYMENT_LIMITS.deployments : 0;
}
