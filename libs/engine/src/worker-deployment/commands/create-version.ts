import { changed, refusedBy, unchanged } from '../../entity/archetype.ts';
import { refusal } from '../../workflow/refusal.ts';
import { deploymentNotFound } from '../refusals.ts';
import { withVersion } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';
import { newVersion } from '../version-status.ts';
import { versionText } from '../versions.ts';
import { tooManyVersions } from './register-worker.ts';

/** An operator makes a version before its workers come. */
export const createVersion: DeploymentCommand<'CreateVersion'> = (state, command, { now, id }) => {
  const { buildId, requestId, identity, computeConfig } = command;
  if (!state) return refusedBy(deploymentNotFound(id));
  const known = state.versions.get(buildId);
  if (known) {
    if (requestId !== '' && known.createRequestId === requestId) return unchanged({});
    const text = JSON.stringify(versionText({ deploymentName: id, buildId }));
    return refusedBy(refusal('AlreadyExists', `Worker Deployment Version ${text} already exists`));
  }
  const tooMany = tooManyVersions(state, buildId);
  if (tooMany) return refusedBy(tooMany);
  const created = newVersion(buildId, { now, createRequestId: requestId });
  return changed(withVersion(state, { ...created, computeConfig, lastModifierIdentity: identity }), {});
};
