import { type Handler, namespaceOf } from '../../handlers/handler.ts';

export const createWorkerDeploymentVersion: Handler<'createWorkerDeploymentVersion'> =
  ({ deployments }) =>
  async (call) => {
    const { deploymentVersion, requestId = '', identity = '', computeConfig } = call.request ?? {};
    const command = { buildId: deploymentVersion?.buildId ?? '', requestId, identity, computeConfig };
    await deployments.owner.execute({ namespaceId: namespaceOf(call).id, id: call.name }, 'CreateVersion', command);
    return {};
  };
