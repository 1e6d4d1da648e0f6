import { type Handler, namespaceOf } from '../../handlers/handler.ts';
import { readToken, writeToken } from '../token.ts';

export const setRampingVersion: Handler<'setRampingVersion'> =
  ({ deployments: { owner, queues } }) =>
  async (call) => {
    const ref = { namespaceId: namespaceOf(call).id, id: call.name };
    const request = call.request ?? {};
    const { buildId = '', identity = '', percentage = 0 } = request;
    const isOver = buildId === '' && percentage === 0;
    const state = request.ignoreMissingTaskQueues || isOver ? undefined : await owner.find(ref);
    const { token, previous, previousText, previousPercentage } = await owner.execute(ref, 'SetRampingVersion', {
      buildId,
      identity,
      percentage,
      token: readToken(request.conflictToken),
      mayCreate: request.allowNoPollers ?? false,
      lacksQueues: state !== undefined && (await queues.lackedBy(ref.namespaceId, state, buildId)),
    });
    return {
      conflictToken: writeToken(token),
      previousVersion: previousText,
      previousDeploymentVersion: previous,
      previousPercentage,
    };
  };
