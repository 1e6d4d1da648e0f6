import { type Handler } from './handler.ts';
import { heldActivity } from './held-activity.ts';

export const respondActivityTaskFailed: Handler<'respondActivityTaskFailed'> =
  ({ owner }) =>
  async (call) => {
    const { ref, held } = heldActivity(call);
    const { failure, lastHeartbeatDetails, identity } = call;
    const { reply } = await owner.execute(ref, 'FailActivity', { held, failure, lastHeartbeatDetails, identity });
    return reply;
  };
