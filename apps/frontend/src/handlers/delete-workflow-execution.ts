import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution } from '../validation/ids.ts';

/** temporal.api.workflowservice.v1.WorkflowService/DeleteWorkflowExecution */
export const deleteWorkflowExecution =
  ({ history }: FrontendServices): Handler<'DeleteWorkflowExecution'> =>
  async (request, call) => {
    requireExecution(request.workflowExecution);
    await history.deleteWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
