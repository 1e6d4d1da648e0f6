import { type Handler, namespaceOf } from '../../handlers/handler.ts';

export const updateVersionMetadata: Handler<'updateVersionMetadata'> =
  ({ deployments }) =>
  async (call) => {
    const { deploymentVersion, upsertEntries = {}, removeEntries = [], identity = '' } = call.request ?? {};
    const ref = { namespaceId: namespaceOf(call).id, id: call.name };
    const metadata = await deployments.owner.execute(ref, 'UpdateMetadata', {
      buildId: deploymentVersion?.buildId ?? '',
      upserts: upsertEntries,
      removals: removeEntries,
      identity,
    });
    return { metadata };
  };
