import { type Handler } from './handler.ts';
import { heldActivity } from './held-activity.ts';

export const respondActivityTaskCanceled: Handler<'respondActivityTaskCanceled'> =
  ({ owner }) =>
  async (call) => {
    const { ref, held } = heldActivity(call);
    await owner.execute(ref, 'CancelActivity', { held, details: call.details, identity: call.identity });
    return {};
  };
