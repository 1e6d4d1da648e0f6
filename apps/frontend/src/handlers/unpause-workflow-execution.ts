import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requirePauseTexts } from '../validation/pause.ts';

/** temporal.api.workflowservice.v1.WorkflowService/UnpauseWorkflowExecution */
export const unpauseWorkflowExecution =
  ({ history, limits }: FrontendServices): Handler<'UnpauseWorkflowExecution'> =>
  async (request, call) => {
    requirePauseTexts(request, limits.idBytes);
    await history.unpauseWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
