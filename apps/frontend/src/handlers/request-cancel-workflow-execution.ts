import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution } from '../validation/ids.ts';
import { requireLinks } from '../validation/links.ts';

/** temporal.api.workflowservice.v1.WorkflowService/RequestCancelWorkflowExecution */
export const requestCancelWorkflowExecution =
  ({ history, limits, ids }: FrontendServices): Handler<'RequestCancelWorkflowExecution'> =>
  async (request, call) => {
    requireExecution(request.workflowExecution);
    requireLinks(request.links, limits);
    request.requestId ||= ids.uuid();
    await history.requestCancelWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
