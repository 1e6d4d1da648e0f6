import { type Handler, refOf } from './handler.ts';

export const updateWorkflowOptions: Handler<'updateWorkflowOptions'> =
  ({ owner }) =>
  async (call) => {
    const request = call.request ?? {};
    const { reply } = await owner.execute(refOf(call, request.workflowExecution), 'UpdateWorkflowOptions', {
      options: request.workflowExecutionOptions ?? {},
      paths: request.updateMask?.paths ?? [],
      identity: request.identity ?? '',
    });
    return { workflowExecutionOptions: reply.options };
  };
