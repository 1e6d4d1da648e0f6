import { type Handler, refOf } from './handler.ts';

export const requestCancelWorkflow: Handler<'requestCancelWorkflow'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    const firstExecutionRunId = request.firstExecutionRunId ?? '';
    const ref = refOf(call, request.workflowExecution);
    // A chain is meant: whichever of its runs is current.
    await owner.execute(firstExecutionRunId === '' ? ref : { ...ref, runId: '' }, 'RequestCancelWorkflow', {
      reason: request.reason ?? '',
      identity: request.identity ?? '',
      requestId: request.requestId ?? '',
      firstExecutionRunId,
      links: request.links,
      source: call.source,
    });
    return {};
  };
