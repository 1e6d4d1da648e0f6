import { type Handler, refOf } from './handler.ts';

export const pauseWorkflow: Handler<'pauseWorkflow'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    await owner.execute(refOf(call, request), 'PauseWorkflow', {
      identity: request.identity ?? '',
      reason: request.reason ?? '',
      requestId: request.requestId ?? '',
    });
    return {};
  };
