import type { Handler } from '../../handlers/handler.ts';

export const reactivateVersion: Handler<'reactivateVersion'> =
  ({ deployments }) =>
  async ({ namespaceId, name, buildId }) => {
    await deployments.owner.execute({ namespaceId, id: name }, 'ReactivateVersion', { buildId });
    return {};
  };
