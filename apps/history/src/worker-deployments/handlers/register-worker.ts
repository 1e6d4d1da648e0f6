import { GrpcCode, ServiceError } from '@duramesh/contracts';
import { VERSION_STATUS } from '@duramesh/engine';
import type { RegisterWorkerRequest } from '@duramesh/proto';
import type { EntityRef } from '../../entities/entity-owner.ts';
import type { Handler, HandlerParts } from '../../handlers/handler.ts';
import { deleteVersion } from '../delete-version.ts';
import type { Deployments } from '../deployments.ts';
import { deploymentsReached } from '../deployments-reached.ts';

/** Deployments with a release every day would soon be full: the oldest version that nobody needs makes room. */
async function makeRoom(deployments: Deployments, ref: EntityRef): Promise<boolean> {
  const versions = [...((await deployments.owner.find(ref))?.versions.values() ?? [])];
  const unused = versions.filter(
    ({ status }) => status === VERSION_STATUS.drained || status === VERSION_STATUS.inactive,
  );
  for (const { buildId } of unused.sort((a, b) => a.createdMs - b.createdMs)) {
    try {
      await deleteVersion(deployments, ref, { buildId, skipDrainage: false, identity: undefined });
      return true;
    } catch (error) {
      // It has workers.
      if (!(error instanceof ServiceError) || error.code !== GrpcCode.FAILED_PRECONDITION) throw error;
    }
  }
  return false;
}

async function register({ deployments, deps }: HandlerParts, ref: EntityRef, request: RegisterWorkerRequest) {
  const isKnown = (await deployments.owner.find(ref)) !== undefined;
  const deployment = await deployments.owner.execute(ref, 'RegisterWorker', {
    buildId: request.buildId,
    queue: { name: request.taskQueue, type: request.taskQueueType },
    maximumReached: isKnown ? 0 : await deploymentsReached(deps.store, ref.namespaceId),
  });
  return { deployment };
}

export const registerWorker: Handler<'registerWorker'> = (parts) => async (request) => {
  const ref = { namespaceId: request.namespaceId, id: request.name };
  try {
    return await register(parts, ref, request);
  } catch (error) {
    const isFull = error instanceof ServiceError && error.code === GrpcCode.RESOURCE_EXHAUSTED;
    if (!isFull || !(await makeRoom(parts.deployments, ref))) throw error;
    return register(parts, ref, request);
  }
};
