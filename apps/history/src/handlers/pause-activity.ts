import { activityTarget } from './activity-target.ts';
import { type Handler, refOf } from './handler.ts';

export const pauseActivity: Handler<'pauseActivity'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    await owner.execute(refOf(call, request.execution), 'PauseActivity', {
      target: activityTarget(request),
      identity: request.identity ?? '',
      reason: request.reason ?? '',
      requestId: request.requestId ?? '',
    });
    return {};
  };
