import { type Handler, namespaceOf } from '../../handlers/handler.ts';
import { readToken, writeToken } from '../token.ts';

export const setDeploymentManager: Handler<'setDeploymentManager'> =
  ({ deployments }) =>
  async (call) => {
    const { self, managerIdentity = '', identity = '', conflictToken } = call.request ?? {};
    const command = { manager: self ? identity : managerIdentity, identity, token: readToken(conflictToken) };
    const ref = { namespaceId: namespaceOf(call).id, id: call.name };
    const { token, previous } = await deployments.owner.execute(ref, 'SetManager', command);
    return { conflictToken: writeToken(token), previousManagerIdentity: previous };
  };
