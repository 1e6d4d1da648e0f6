import { versionText } from '@duramesh/engine';
import { type Handler, namespaceOf } from '../../handlers/handler.ts';
import { readToken, writeToken } from '../token.ts';

export const setCurrentVersion: Handler<'setCurrentVersion'> =
  ({ deployments: { owner, queues } }) =>
  async (call) => {
    const ref = { namespaceId: namespaceOf(call).id, id: call.name };
    const request = call.request ?? {};
    const { buildId = '', identity = '' } = request;
    const state = request.ignoreMissingTaskQueues ? undefined : await owner.find(ref);
    const { token, previous } = await owner.execute(ref, 'SetCurrentVersion', {
      buildId,
      identity,
      token: readToken(request.conflictToken),
      mayCreate: request.allowNoPollers ?? false,
      lacksQueues: state !== undefined && (await queues.lackedBy(ref.namespaceId, state, buildId)),
    });
    return {
      conflictToken: writeToken(token),
      previousVersion: versionText(previous),
      previousDeploymentVersion: previous,
    };
  };
