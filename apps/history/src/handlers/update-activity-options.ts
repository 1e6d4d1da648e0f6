import { activityTarget } from './activity-target.ts';
import { type Handler, refOf } from './handler.ts';

export const updateActivityOptions: Handler<'updateActivityOptions'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    const { reply } = await owner.execute(refOf(call, request.execution), 'UpdateActivityOptions', {
      target: activityTarget(request),
      options: request.activityOptions,
      paths: request.updateMask?.paths,
      restoreOriginal: request.restoreOriginal ?? false,
    });
    return { activityOptions: reply.options };
  };
