import { activityTarget, jitterMsOf } from './activity-target.ts';
import { type Handler, refOf } from './handler.ts';

export const unpauseActivity: Handler<'unpauseActivity'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    await owner.execute(refOf(call, request.execution), 'UnpauseActivity', {
      target: activityTarget(request),
      resetAttempts: request.resetAttempts ?? false,
      resetHeartbeat: request.resetHeartbeat ?? false,
      jitterMs: jitterMsOf(request.jitter),
    });
    return {};
  };
