import { type DeploymentTable, type DeploymentTask, type WorkerDeployment, workerDeployments } from '@duramesh/engine';
import { unreachable } from '@duramesh/runtime';
import type { HistoryDeps, MatchingClient } from '../deps.ts';
import { EntityOwner, type EntityParts } from '../entities/entity-owner.ts';
import { countPinned } from './count-pinned.ts';
import { DeploymentQueues } from './deployment-queues.ts';
import { tellQueues } from './tell-queues.ts';

/** The worker deployments of this process. */
export interface Deployments {
  readonly owner: EntityOwner<WorkerDeployment, DeploymentTable, DeploymentTask>;
  readonly queues: DeploymentQueues;
}

export function createDeployments(
  deps: HistoryDeps,
  parts: Omit<EntityParts<WorkerDeployment, DeploymentTable, DeploymentTask>, 'archetype' | 'carryOut'>,
  matching: MatchingClient,
): Deployments {
  const queues = new DeploymentQueues(deps, matching);
  const owner: Deployments['owner'] = new EntityOwner<WorkerDeployment, DeploymentTable, DeploymentTask>(deps, {
    ...parts,
    archetype: workerDeployments,
    carryOut: (ref, task) => {
      switch (task.type) {
        case 'TellQueues':
          return tellQueues({ owner, matching }, ref);
        case 'CountPinned':
          return countPinned({ owner, visibility: deps.store.visibility }, ref, task.buildId);
        default:
          return unreachable(task);
      }
    },
  });
  return { owner, queues };
}
