import { type Handler, refOf } from './handler.ts';
import { decodeWorkflowTaskToken, heldBy } from './respond-workflow-task-completed.ts';

export const respondWorkflowTaskFailed: Handler<'respondWorkflowTaskFailed'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    const token = decodeWorkflowTaskToken(request.taskToken);
    const ref = refOf(call, token);
    await owner.execute(ref, 'FailWorkflowTask', { held: heldBy(token), request });
    return {};
  };
