import { type Handler, refOf } from './handler.ts';

export const terminateWorkflow: Handler<'terminateWorkflow'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    const firstExecutionRunId = request.firstExecutionRunId ?? '';
    const ref = refOf(call, request.workflowExecution);
    // A chain is meant: whichever of its runs is current.
    await owner.execute(firstExecutionRunId === '' ? ref : { ...ref, runId: '' }, 'TerminateWorkflow', {
      reason: request.reason ?? '',
      details: request.details,
      identity: request.identity ?? '',
      firstExecutionRunId,
      links: request.links,
      source: call.source,
    });
    return {};
  };
