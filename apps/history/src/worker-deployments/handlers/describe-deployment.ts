import { deploymentNotFound, describeDeployment as describe } from '@duramesh/engine';
import { type Handler, namespaceOf } from '../../handlers/handler.ts';
import { toServiceError } from '../../refusals.ts';
import { writeToken } from '../token.ts';

export const describeDeployment: Handler<'describeDeployment'> =
  ({ deployments }) =>
  async (call) => {
    const state = await deployments.owner.find({ namespaceId: namespaceOf(call).id, id: call.name });
    if (!state) throw toServiceError(deploymentNotFound(call.name));
    return { conflictToken: writeToken(state.info.token), workerDeploymentInfo: describe(state) };
  };
