import { activityTarget, jitterMsOf } from './activity-target.ts';
import { type Handler, refOf } from './handler.ts';

export const resetActivity: Handler<'resetActivity'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    await owner.execute(refOf(call, request.execution), 'ResetActivity', {
      target: activityTarget(request),
      resetHeartbeat: request.resetHeartbeat ?? false,
      keepPaused: request.keepPaused ?? false,
      restoreOriginalOptions: request.restoreOriginalOptions ?? false,
      jitterMs: jitterMsOf(request.jitter),
    });
    return {};
  };
