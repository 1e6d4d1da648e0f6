import { type Handler, namespaceOf } from '../../handlers/handler.ts';
import { deleteVersion } from '../delete-version.ts';

export const deleteDeploymentVersion: Handler<'deleteDeploymentVersion'> =
  ({ deployments }) =>
  async (call) => {
    const { deploymentVersion, skipDrainage = false, identity = '' } = call.request ?? {};
    const ref = { namespaceId: namespaceOf(call).id, id: call.name };
    await deleteVersion(deployments, ref, { buildId: deploymentVersion?.buildId ?? '', skipDrainage, identity });
    return {};
  };
