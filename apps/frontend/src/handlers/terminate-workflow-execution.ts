import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution } from '../validation/ids.ts';
import { requireLinks } from '../validation/links.ts';

/** temporal.api.workflowservice.v1.WorkflowService/TerminateWorkflowExecution */
export const terminateWorkflowExecution =
  ({ history, limits }: FrontendServices): Handler<'TerminateWorkflowExecution'> =>
  async (request, call) => {
    requireExecution(request.workflowExecution);
    requireLinks(request.links, limits);
    request.reason ||= 'terminated by user via frontend';
    request.identity ||= 'frontend-service';
    await history.terminateWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
