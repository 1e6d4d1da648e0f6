import { type Handler, refOf } from './handler.ts';
import { decodeWorkflowTaskToken } from './respond-workflow-task-completed.ts';

export const respondWorkflowTaskFailed: Handler<'respondWorkflowTaskFailed'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    const token = decodeWorkflowTaskToken(request.taskToken);
    const ref = refOf(call, token);
    const held = {
      scheduledEventId: token.scheduledEventId,
      startedEventId: token.startedEventId,
      startedMs: token.startedTimeMs,
      attempt: token.attempt,
      stamp: token.stamp,
    };
    await owner.execute(ref, 'FailWorkflowTask', { held, request });
    return {};
  };
