import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import { requireExecution, requireLength } from '../validation/ids.ts';
import { requireLinks } from '../validation/links.ts';
import { requireBlobSize } from '../validation/payload-size.ts';

/** temporal.api.workflowservice.v1.WorkflowService/TerminateWorkflowExecution */
export const terminateWorkflowExecution =
  ({ history, limits }: FrontendServices): Handler<'TerminateWorkflowExecution'> =>
  async (request, call) => {
    requireExecution(request.workflowExecution);
    requireLength('Reason', request.reason, limits.idBytes);
    requireLinks(request.links, limits);
    requireBlobSize(request.details, limits.blobBytes);
    request.reason ||= 'terminated by user via frontend';
    request.identity ||= 'frontend-service';
    await history.terminateWorkflow({ namespace: namespaceRef(call.namespace), request }, call.options());
    return {};
  };
