import { describeVersion, versionNotFound } from '@duramesh/engine';
import { type Handler, namespaceOf } from '../../handlers/handler.ts';
import { toServiceError } from '../../refusals.ts';

export const describeDeploymentVersion: Handler<'describeDeploymentVersion'> =
  ({ deployments }) =>
  async (call) => {
    const state = await deployments.owner.find({ namespaceId: namespaceOf(call).id, id: call.name });
    const version = state?.versions.get(call.request?.deploymentVersion?.buildId ?? '');
    if (!version) throw toServiceError(versionNotFound);
    return {
      workerDeploymentVersionInfo: describeVersion(call.name, version),
      versionTaskQueues: version.queues.map(({ name, type }) => ({ name, type })),
    };
  };
