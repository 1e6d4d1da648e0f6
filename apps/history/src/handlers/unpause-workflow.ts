import { type Handler, refOf } from './handler.ts';

export const unpauseWorkflow: Handler<'unpauseWorkflow'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    await owner.execute(refOf(call, request), 'UnpauseWorkflow', {
      identity: request.identity ?? '',
      reason: request.reason ?? '',
      requestId: request.requestId ?? '',
    });
    return {};
  };
