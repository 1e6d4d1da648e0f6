import { type Handler } from './handler.ts';
import { heldActivity } from './held-activity.ts';

export const recordActivityTaskHeartbeat: Handler<'recordActivityTaskHeartbeat'> =
  ({ owner }) =>
  async (call) => {
    const { ref, held } = heldActivity(call);
    const { details, identity } = call;
    const { reply } = await owner.execute(ref, 'HeartbeatActivity', { held, details, identity });
    return reply;
  };
