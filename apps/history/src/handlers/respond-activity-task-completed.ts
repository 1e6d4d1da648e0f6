import { type Handler } from './handler.ts';
import { heldActivity } from './held-activity.ts';

export const respondActivityTaskCompleted: Handler<'respondActivityTaskCompleted'> =
  ({ owner }) =>
  async (call) => {
    const { ref, held } = heldActivity(call);
    await owner.execute(ref, 'CompleteActivity', { held, result: call.result, identity: call.identity });
    return {};
  };
