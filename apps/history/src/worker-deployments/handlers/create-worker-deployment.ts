import { type Handler, namespaceOf } from '../../handlers/handler.ts';
import { deploymentsReached } from '../deployments-reached.ts';
import { writeToken } from '../token.ts';

export const createWorkerDeployment: Handler<'createWorkerDeployment'> =
  ({ deployments, deps }) =>
  async (call) => {
    const namespaceId = namespaceOf(call).id;
    const { requestId = '', identity = '' } = call.request ?? {};
    const maximumReached = await deploymentsReached(deps.store, namespaceId);
    const command = { requestId, identity, maximumReached };
    const { token } = await deployments.owner.execute({ namespaceId, id: call.name }, 'CreateDeployment', command);
    return { conflictToken: writeToken(token) };
  };
