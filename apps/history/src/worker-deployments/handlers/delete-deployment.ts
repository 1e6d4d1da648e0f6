import { type Handler, namespaceOf } from '../../handlers/handler.ts';

export const deleteDeployment: Handler<'deleteDeployment'> =
  ({ deployments }) =>
  async (call) => {
    await deployments.owner.execute({ namespaceId: namespaceOf(call).id, id: call.name }, 'DeleteDeployment', {});
    return {};
  };
