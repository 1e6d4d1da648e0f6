import { WorkerDeploymentInfo } from '@duramesh/proto';
import { changed, type EntityEnvironment, refusedBy, unchanged } from '../../entity/archetype.ts';
import { type Refusal, refusal } from '../../workflow/refusal.ts';
import { touched, type WorkerDeployment } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';
import { UNVERSIONED } from '../versions.ts';

/** A deployment without versions: workers without a version get everything. */
export const newDeployment = ({ namespaceId, id, now }: EntityEnvironment, createRequestId = ''): WorkerDeployment => ({
  info: WorkerDeploymentInfo.create({
    namespaceId,
    name: id,
    createdMs: now,
    token: now,
    // Queues may remember one of this name that is gone: what they hear now is newer.
    revision: now,
    createRequestId,
    routing: { currentVersion: UNVERSIONED },
  }),
  versions: new Map(),
});

/** @param maximumReached the limit, when the namespace has as many deployments; else 0 */
export const tooManyDeployments = (maximumReached: number): Refusal | undefined =>
  maximumReached > 0
    ? refusal('DeploymentLimit', `reached maximum deployments in namespace (${maximumReached})`)
    : undefined;

/** An operator makes a deployment before its workers come. */
export const createDeployment: DeploymentCommand<'CreateDeployment'> = (state, command, environment) => {
  const { requestId, identity, maximumReached } = command;
  if (state) {
    const { createRequestId, token, name } = state.info;
    if (requestId !== '' && createRequestId === requestId) return unchanged({ token });
    const byPolls = createRequestId === '' ? ' (auto-created from worker polls)' : '';
    const text = `Worker Deployment with name ${JSON.stringify(name)} already exists${byPolls}`;
    return refusedBy(refusal('AlreadyExists', text));
  }
  const tooMany = tooManyDeployments(maximumReached);
  if (tooMany) return refusedBy(tooMany);
  const created = touched(newDeployment(environment, requestId), identity, environment.now);
  return changed(created, { token: created.info.token });
};
